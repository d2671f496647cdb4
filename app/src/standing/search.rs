//! The result list.

use domain::{
    catalog::{BibSummary, FacetCount, Facets, PAGE_SIZE, SearchPage as Answer, SearchQuery, Sort},
    messages::{self, Key},
};
use leptos::prelude::*;

use super::cover::cover_written;
use crate::{
    address,
    bookshelf::buttons::shelf_buttons,
    components::{copies_written, creators, material_written},
    erase::{Erase as _, ErasedView},
    i18n::{I18n, use_i18n},
    layout::heading,
    opac::cart_button::{Offered, cart_button},
    site::use_site,
    written::Escaped,
};

/// What the list is called.
pub(crate) fn name(i18n: I18n, query: &SearchQuery) -> String {
    match query.q.as_str() {
        "" => i18n.t(Key::ResultsTitleAll),
        words => i18n.fill(Key::ResultsTitle, &[("words", words)]),
    }
}

/// The last page there is, where the one that was asked for is behind it: an address shortened or grown old, and there are fewer
/// pages now.
pub(crate) fn last_page(query: &SearchQuery, answer: &Answer) -> Option<SearchQuery> {
    if answer.total == 0 || !answer.results.is_empty() {
        return None;
    }
    let pages = answer.total.div_ceil(u64::from(PAGE_SIZE));
    Some(SearchQuery { page: u32::try_from(pages).unwrap_or(1), ..query.clone() })
}

/// The list and what it can be narrowed by.
pub(crate) fn results(query: &SearchQuery, answer: Answer) -> ErasedView {
    let i18n = use_i18n();
    let heading = heading(name(i18n, query));
    let chosen = chosen_facets(query);
    if answer.total == 0 {
        return view! {
            <div class="results">
                {heading}
                {chosen}
                {nothing_found(query, answer.did_you_mean)}
            </div>
        }
        .erased();
    }
    let first = u64::from(query.page - 1) * u64::from(PAGE_SIZE) + 1;
    let shown = i18n.fill(
        Key::ResultsShown,
        &[
            ("total", &answer.total.to_string()),
            ("from", &first.to_string()),
            ("to", &(first + answer.results.len() as u64).saturating_sub(1).to_string()),
        ],
    );
    let items: String = answer.results.iter().map(|bib| result(i18n, bib)).collect();
    view! {
        <div class="results">
            {heading}
            <p class="shown">{shown}</p>
            {chosen}
            {sorts(query)}
            <ol class="result-list" start=first.to_string() inner_html=items></ol>
            {paging(query, answer.total)}
        </div>
        {facets(query, &answer.facets)}
    }
    .erased()
}

/// One title of the list.
fn result(i18n: I18n, bib: &BibSummary) -> String {
    let record = &bib.record;
    let title_id = format!("title-{}", bib.id);
    let title = record.display_title();
    let what = what_written(i18n, bib, &title_id, &title);
    let offered = Offered {
        bib: bib.id,
        part: bib.part,
        title: title.clone(),
        named_by: title_id.clone(),
        refusal: bib.refusal.clone(),
    };
    let buttons = cart_button(i18n, &offered) + &shelf_buttons(i18n, bib.id, bib.part, &title);
    let cover = cover_written(record);
    format!("<li class=\"result\">{cover}<div class=\"what\">{what}</div><div class=\"do\">{buttons}</div></li>")
}

/// What is said of a title, as HTML.
fn what_written(i18n: I18n, bib: &BibSummary, title_id: &str, title: &str) -> String {
    let record = &bib.record;
    let mut what = format!("<h2 id=\"{title_id}\"><a href=\"/bibs/{}\">{}</a></h2>", bib.id, Escaped(title));
    if let Some(reading) = &record.title_reading {
        what += &format!("<p class=\"reading\">{}</p>", Escaped(reading));
    }
    let facts = [
        (!record.creators.is_empty()).then(|| creators(record)),
        record.publisher.clone(),
        record.year.map(|year| i18n.number(Key::Year, year)),
    ];
    what += "<p class=\"facts\">";
    for fact in facts.iter().flatten() {
        what += &format!("<span>{}</span>", Escaped(fact));
    }
    what += &format!("</p><p class=\"facts\"><span class=\"mark\">{}</span>", material_written(i18n, record.material));
    if let Some(ndc) = record.ndc.first() {
        what += &format!("<span class=\"ndc\">NDC {}</span>", Escaped(ndc));
    }
    let copies = copies_written(i18n, use_site(), &bib.availability, bib.waiting);
    what += &format!("</p><ul class=\"copies\" aria-label=\"{}\">{copies}</ul>", Escaped(&i18n.t(Key::CopiesLabel)));
    what
}

/// What to do when nothing was found.
fn nothing_found(query: &SearchQuery, did_you_mean: Option<String>) -> ErasedView {
    let i18n = use_i18n();
    let other = did_you_mean.map(|words| {
        let address = address::search(&SearchQuery { q: words.clone(), page: 1, ..query.clone() });
        view! { <p class="did-you-mean">{i18n.show(Key::DidYouMean)} " " <a href=address>{words}</a></p> }
    });
    let help = [Key::NothingFoundSpelling, Key::NothingFoundFewer, Key::NothingFoundReading, Key::NothingFoundDesk]
        .map(|key| view! { <li>{i18n.t(key)}</li> })
        .collect_view();
    view! {
        <p class="empty">{i18n.show(Key::NothingFound)}</p>
        {other}
        <ul class="help">{help}</ul>
    }
    .erased()
}

/// The name of a first digit of the NDC.
fn ndc_class(digit: u8) -> Key {
    match digit {
        0 => Key::Ndc0,
        1 => Key::Ndc1,
        2 => Key::Ndc2,
        3 => Key::Ndc3,
        4 => Key::Ndc4,
        5 => Key::Ndc5,
        6 => Key::Ndc6,
        7 => Key::Ndc7,
        8 => Key::Ndc8,
        _ => Key::Ndc9,
    }
}

/// What the results are narrowed by, each with the way out of it.
fn chosen_facets(query: &SearchQuery) -> Option<ErasedView> {
    let i18n = use_i18n();
    let site = use_site();
    let base = SearchQuery { page: 1, ..query.clone() };
    let chosen = [
        query
            .material
            .map(|material| (i18n.t(messages::material(material)), SearchQuery { material: None, ..base.clone() })),
        query.branch.as_ref().map(|branch| (site.place(branch), SearchQuery { branch: None, ..base.clone() })),
        query.decade.map(|decade| (i18n.number(Key::Decade, decade), SearchQuery { decade: None, ..base.clone() })),
        query.ndc.map(|ndc| (i18n.t(ndc_class(ndc)), SearchQuery { ndc: None, ..base.clone() })),
    ];
    let chosen: Vec<_> = chosen.into_iter().flatten().collect();
    if chosen.is_empty() {
        return None;
    }
    let links = chosen
        .into_iter()
        .map(|(name, without)| {
            let label = i18n.fill(Key::FacetRemove, &[("name", &name)]);
            view! {
                <li>
                    <a href=address::search(&without) aria-label=label>{name} <span aria-hidden="true">" ×"</span></a>
                </li>
            }
        })
        .collect_view();
    Some(view! { <ul class="chips" aria-label=i18n.t(Key::FacetsChosen)>{links}</ul> }.erased())
}

/// What the results can be narrowed by.
fn facets(query: &SearchQuery, facets: &Facets) -> ErasedView {
    let i18n = use_i18n();
    let site = use_site();
    let base = SearchQuery { page: 1, ..query.clone() };
    let groups = [
        facet(i18n.t(Key::FacetMaterial), &facets.materials, query.material.is_some(), |material| {
            (i18n.t(messages::material(*material)), SearchQuery { material: Some(*material), ..base.clone() })
        }),
        facet(i18n.t(Key::FacetBranch), &facets.branches, query.branch.is_some(), |branch| {
            (site.place(branch), SearchQuery { branch: Some(branch.clone()), ..base.clone() })
        }),
        facet(i18n.t(Key::FacetDecade), &facets.decades, query.decade.is_some(), |decade| {
            (i18n.number(Key::Decade, decade), SearchQuery { decade: Some(*decade), ..base.clone() })
        }),
        facet(i18n.t(Key::FacetNdc), &facets.ndc, query.ndc.is_some(), |ndc| {
            (format!("{ndc} {}", i18n.t(ndc_class(*ndc))), SearchQuery { ndc: Some(*ndc), ..base.clone() })
        }),
    ];
    view! {
        <aside class="facets" aria-label=i18n.t(Key::FacetsLabel)>
            <h2>{i18n.show(Key::FacetsLabel)}</h2>
            {groups.into_iter().flatten().collect_view()}
        </aside>
    }
    .erased()
}

/// One facet; none when it is chosen already or offers no choice.
fn facet<T>(
    name: String,
    counts: &[FacetCount<T>],
    chosen: bool,
    narrow: impl Fn(&T) -> (String, SearchQuery),
) -> Option<ErasedView> {
    if chosen || counts.is_empty() {
        return None;
    }
    let mut links = String::new();
    for facet in counts {
        let (name, query) = narrow(&facet.value);
        let (href, name, count) = (address::search(&query), Escaped(&name), facet.count);
        links += &format!("<li><a href=\"{}\">{name}<span class=\"count\">{count}</span></a></li>", Escaped(&href));
    }
    Some(view! { <details open><summary>{name}</summary><ul inner_html=links></ul></details> }.erased())
}

/// The orders of the list, as links.
fn sorts(query: &SearchQuery) -> ErasedView {
    let i18n = use_i18n();
    let links = Sort::ALL
        .iter()
        .map(|sort| {
            let name = i18n.t(match sort {
                Sort::Relevance => Key::SortRelevance,
                Sort::Title => Key::SortTitle,
                Sort::Newest => Key::SortNewest,
                Sort::Oldest => Key::SortOldest,
            });
            let current = (*sort == query.sort).then_some("true");
            let address = address::search(&SearchQuery { sort: *sort, page: 1, ..query.clone() });
            view! { <li><a href=address aria-current=current>{name}</a></li> }
        })
        .collect_view();
    view! { <nav class="sorts" aria-label=i18n.t(Key::SortLabel)><ul>{links}</ul></nav> }.erased()
}

/// The pages before and after, and the first and last.
fn paging(query: &SearchQuery, total: u64) -> Option<ErasedView> {
    let i18n = use_i18n();
    let last = u32::try_from(total.div_ceil(u64::from(PAGE_SIZE))).unwrap_or(u32::MAX);
    if last <= 1 {
        return None;
    }
    let page = query.page;
    let to = |page: u32| address::search(&SearchQuery { page, ..query.clone() });
    let near = (page.saturating_sub(2).max(1)..=page.saturating_add(2).min(last)).map(|n| {
        let label = i18n.number(Key::PageNumber, n);
        view! { <li><a href=to(n) aria-label=label aria-current=(n == page).then_some("page")>{n}</a></li> }
    });
    let previous = (page > 1)
        .then(|| view! { <li><a rel="prev" href=to((page - 1).min(last))>{i18n.show(Key::PagePrevious)}</a></li> });
    let next = (page < last).then(|| view! { <li><a rel="next" href=to(page + 1)>{i18n.show(Key::PageNext)}</a></li> });
    Some(
        view! {
            <nav class="paging" aria-label=i18n.t(Key::PagesLabel)>
                <ul>{previous} {near.collect_view()} {next}</ul>
            </nav>
        }
        .erased(),
    )
}
