//! Views whose type is forgotten, at the borders between parts of a page.
//!
//! Leptos compiles every view several times over, for all the ways it might come to life and change, and its own `AnyView` keeps them
//! all reachable: pages whose code arrives piece by piece, attributes spread over them, the comparing of a part with the one it
//! replaces. Here there are two ways: a part comes to life in one go, and is replaced in one go. What changes often inside a part
//! is a signal there.

use leptos::{
    attr::{Attribute, any_attribute::AnyAttribute},
    prelude::{AddAnyAttr, Render, RenderHtml},
    tachys::{
        hydration::Cursor,
        renderer::{
            Rndr,
            types::{Element, Node, Placeholder},
        },
        ssr::StreamBuilder,
        view::{Mountable, Position, PositionState},
    },
};

/// Forgets the type of a view.
pub(crate) trait Erase {
    /// The same view, its type forgotten.
    fn erased(self) -> ErasedView;

    /// The same, for a view in which nothing waits for anything: no `Suspense`, no `Suspend`. The server writes it in one go, which
    /// spares it a sixth of a result list. What would have waited would be left out.
    fn still(self) -> ErasedView;
}

impl<V: RenderHtml + 'static> Erase for V {
    fn erased(self) -> ErasedView {
        ErasedView(Box::new(Typed::<V, false>(self)))
    }

    fn still(self) -> ErasedView {
        ErasedView(Box::new(Typed::<V, true>(self)))
    }
}

/// A view whose type is forgotten. Attributes are not spread over it.
pub struct ErasedView(Box<dyn Part>);

/// What can be done with a view whose type is forgotten.
trait Part: Send {
    fn build(self: Box<Self>) -> ErasedState;

    #[cfg(feature = "hydrate")]
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> ErasedState;

    #[cfg(feature = "ssr")]
    fn dry_resolve(&mut self);

    #[cfg(feature = "ssr")]
    fn html_len(&self) -> usize;

    #[cfg(feature = "ssr")]
    fn write(self: Box<Self>, buf: &mut String, position: &mut Position, how: How);

    /// Waits for what is to be waited for. In the order of the page, whatever the answer's: ours come whole.
    #[cfg(feature = "ssr")]
    fn write_waiting(self: Box<Self>, buf: &mut StreamBuilder, position: &mut Position, how: How);
}

/// How HTML is written.
#[cfg(feature = "ssr")]
struct How {
    escape: bool,
    mark_branches: bool,
    extra_attrs: Vec<AnyAttribute>,
}

/// A view, and whether nothing in it waits.
struct Typed<V, const STILL: bool>(V);

/// What stands for a view that is nothing, so that another can take its place.
#[cfg(feature = "ssr")]
const NOTHING: &str = "<!--<() />-->";

impl<V: RenderHtml + 'static, const STILL: bool> Part for Typed<V, STILL> {
    fn build(self: Box<Self>) -> ErasedState {
        ErasedState { view: Box::new(self.0.build()), placeholder: (!V::EXISTS).then(Rndr::create_placeholder) }
    }

    #[cfg(feature = "hydrate")]
    fn hydrate(self: Box<Self>, cursor: &Cursor, position: &PositionState) -> ErasedState {
        let view = Box::new(self.0.hydrate::<true>(cursor, position));
        ErasedState { view, placeholder: (!V::EXISTS).then(|| cursor.next_placeholder(position)) }
    }

    #[cfg(feature = "ssr")]
    fn dry_resolve(&mut self) {
        self.0.dry_resolve();
    }

    #[cfg(feature = "ssr")]
    fn html_len(&self) -> usize {
        self.0.html_len()
    }

    #[cfg(feature = "ssr")]
    fn write(self: Box<Self>, buf: &mut String, position: &mut Position, how: How) {
        let How { escape, mark_branches, extra_attrs } = how;
        self.0.to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
        if !V::EXISTS {
            buf.push_str(NOTHING);
        }
    }

    #[cfg(feature = "ssr")]
    fn write_waiting(self: Box<Self>, buf: &mut StreamBuilder, position: &mut Position, how: How) {
        if STILL {
            buf.with_buf(|buf| self.write(buf, position, how));
            return;
        }
        let How { escape, mark_branches, extra_attrs } = how;
        self.0.to_html_async_with_buf::<false>(buf, position, escape, mark_branches, extra_attrs);
        if !V::EXISTS {
            buf.push_sync(NOTHING);
        }
    }
}

/// What stands in the page.
pub struct ErasedState {
    view: Box<dyn Mountable>,
    /// Where it would stand, if it is nothing.
    placeholder: Option<Placeholder>,
}

impl Mountable for ErasedState {
    fn unmount(&mut self) {
        self.view.unmount();
        if let Some(placeholder) = &mut self.placeholder {
            placeholder.unmount();
        }
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.view.mount(parent, marker);
        if let Some(placeholder) = &mut self.placeholder {
            placeholder.mount(parent, marker);
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.view.insert_before_this(child)
            || self.placeholder.as_ref().is_some_and(|placeholder| placeholder.insert_before_this(child))
    }

    fn elements(&self) -> Vec<Element> {
        self.view.elements()
    }
}

impl Render for ErasedView {
    type State = ErasedState;

    fn build(self) -> ErasedState {
        self.0.build()
    }

    fn rebuild(self, state: &mut ErasedState) {
        let mut new = self.build();
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
    }
}

impl AddAnyAttr for ErasedView {
    type Output<NewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self::Output<NewAttr> {
        self
    }
}

/// Of the two sides each has its half; the other is never asked for there.
impl RenderHtml for ErasedView {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {
        #[cfg(feature = "ssr")]
        self.0.dry_resolve();
    }

    /// What waits in it has a `Suspense` of its own there.
    async fn resolve(self) -> Self {
        self
    }

    fn html_len(&self) -> usize {
        #[cfg(feature = "ssr")]
        return self.0.html_len();
        #[cfg(not(feature = "ssr"))]
        0
    }

    #[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "the browser writes no HTML"))]
    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        #[cfg(feature = "ssr")]
        self.0.write(buf, position, How { escape, mark_branches, extra_attrs });
    }

    #[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "the browser writes no HTML"))]
    fn to_html_async_with_buf<const OUT_OF_ORDER: bool>(
        self,
        buf: &mut StreamBuilder,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        #[cfg(feature = "ssr")]
        self.0.write_waiting(buf, position, How { escape, mark_branches, extra_attrs });
    }

    #[cfg_attr(not(feature = "hydrate"), expect(unused_variables, reason = "the server brings nothing to life"))]
    fn hydrate<const FROM_SERVER: bool>(self, cursor: &Cursor, position: &PositionState) -> ErasedState {
        #[cfg(feature = "hydrate")]
        return self.0.hydrate(cursor, position);
        #[cfg(not(feature = "hydrate"))]
        self.0.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
