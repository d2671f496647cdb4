//! What stands for a cover, drawn as [`domain::catalog::cover`] has it. It says nothing that does not stand beside it in words, so it
//! is not there for screen readers.

use domain::catalog::{
    BibRecord, COVER_FOIL, COVER_HEIGHT, COVER_INK, COVER_PAPER, COVER_WIDTH, Cover, CoverLine, Panel, Shape, Weave,
    cover,
};
use leptos::prelude::*;

use crate::{
    erase::{Erase as _, ErasedView},
    written::Escaped,
};

/// The cover of a title.
pub(super) fn cover_of(record: &BibRecord) -> ErasedView {
    view! { <svg class="cover" viewBox=sheet() aria-hidden="true" focusable="false" inner_html=drawn(record)></svg> }
        .erased()
}

/// The same as HTML.
pub(super) fn cover_written(record: &BibRecord) -> String {
    let (sheet, drawn) = (sheet(), drawn(record));
    format!("<svg class=\"cover\" viewBox=\"{sheet}\" aria-hidden=\"true\" focusable=\"false\">{drawn}</svg>")
}

fn sheet() -> String {
    format!("0 0 {COVER_WIDTH} {COVER_HEIGHT}")
}

/// What is on it.
fn drawn(record: &BibRecord) -> String {
    let Cover { cloth, weave, shape, label, lines, size, upright, class } = cover(record);
    let (weave, shape) = (woven(weave), shaped(shape));
    let Panel { x, y, width, height } = label;
    let way = if upright { " class=\"upright\"" } else { "" };
    let mut svg = format!(
        "<rect width=\"{COVER_WIDTH}\" height=\"{COVER_HEIGHT}\" rx=\"24\" fill=\"{cloth}\"/>\
         <path class=\"weave\" d=\"{weave}\"/><path class=\"shape\" d=\"{shape}\"/>\
         <rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{COVER_PAPER}\"/>\
         <g fill=\"{COVER_INK}\" font-size=\"{size}\"{way}>"
    );
    for CoverLine { text, x, y } in lines {
        svg += &format!("<text x=\"{x}\" y=\"{y}\">{}</text>", Escaped(&text));
    }
    svg += "</g>";
    if !class.is_empty() {
        let class = Escaped(&class);
        svg +=
            &format!("<text class=\"class\" x=\"660\" y=\"900\" fill=\"{COVER_FOIL}\" font-size=\"84\">{class}</text>");
    }
    svg
}

/// What is woven into the binding, as lines.
const fn woven(weave: Weave) -> &'static str {
    match weave {
        Weave::Bands => "M0 770H720M0 800H720M0 920H720",
        Weave::Rings => {
            "M720 520A440 440 0 0 0 280 960M720 620A340 340 0 0 0 380 960M720 720A240 240 0 0 0 480 960\
             M720 820A140 140 0 0 0 580 960"
        }
        Weave::Waves => {
            "M0 960a90 90 0 0 1 180 0a90 90 0 0 1 180 0a90 90 0 0 1 180 0a90 90 0 0 1 180 0\
             M30 960a60 60 0 0 1 120 0M210 960a60 60 0 0 1 120 0M390 960a60 60 0 0 1 120 0M570 960a60 60 0 0 1 120 0\
             M-90 890a90 90 0 0 1 180 0a90 90 0 0 1 180 0a90 90 0 0 1 180 0a90 90 0 0 1 180 0a90 90 0 0 1 180 0\
             M0 820a90 90 0 0 1 180 0a90 90 0 0 1 180 0a90 90 0 0 1 180 0a90 90 0 0 1 180 0"
        }
        Weave::Lattice => {
            "M0 0L720 720M0 240L720 960M0 480L480 960M0 720L240 960M240 0L720 480M480 0L720 240\
             M720 0L0 720M720 240L0 960M720 480L240 960M720 720L480 960M480 0L0 480M240 0L0 240"
        }
    }
}

/// What tells the kinds of things apart: the hinge of a book, the foot of a magazine, the frame of a stage, a disc.
const fn shaped(shape: Shape) -> &'static str {
    match shape {
        Shape::Book => "M24 0H52V960H24A24 24 0 0 1 0 936V24A24 24 0 0 1 24 0Z",
        Shape::Magazine => "M0 800H720V936A24 24 0 0 1 696 960H24A24 24 0 0 1 0 936Z",
        Shape::Stage => "M0 0H720V960H0ZM48 48V912H672V48Z",
        Shape::Disc => {
            "M330 580a180 180 0 1 0 0 360a180 180 0 0 0 0 -360zM330 710a50 50 0 1 1 0 100a50 50 0 0 1 0 -100z"
        }
    }
}
