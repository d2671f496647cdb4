//! The cart's page: check the list, give it an order, go on to reserve (R9, R12).

use domain::{
    PartId,
    cart::{CartChange, CartLine, CartView},
    circulation::{By, Refusal, decide_cart, title_refusal},
    messages::Key,
    policy::ReservationPolicy,
};
use leptos::{ev, prelude::*, server_fn::ServerFn};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    api::{self, Press, PressCart, order_value},
    drag::Drag,
    state::{chosen_order, use_cart},
};
use crate::{
    browser,
    components::{loading, material_mark, trouble},
    erase::{Erase as _, ErasedView},
    i18n::use_i18n,
    layout::Heading,
    load::{awaited, load},
    site::use_site,
    visit::use_visit,
};

/// `/cart`
#[component]
pub fn CartPage() -> ErasedView {
    let visit = use_visit();
    let cart = use_cart();
    let lacking = RwSignal::new(Vec::new());
    let view = load(move || lacking.get(), |_| api::load_cart());
    let list = move |view| list(view, lacking);
    let kept = move || cart.kept_view().map_or_else(loading, list);
    view! {
        <Suspense fallback=kept>
            {awaited(move || async move {
                visit.here().await;
                match view.get().await {
                    Ok(view) => list(view),
                    // Without a network the list is still the reader's own.
                    Err(failure) => cart.kept_view().map_or_else(|| trouble(failure, "/cart"), list),
                }
            })}
        </Suspense>
    }
    .erased()
}

/// Why each title can't be reserved, in the order of the list. Nobody signed in: what is true for everybody.
pub(crate) fn refusals(policy: &ReservationPolicy, view: &CartView) -> Vec<Option<Refusal>> {
    match &view.patron {
        Some(patron) => {
            let facts: Vec<_> = view.lines.iter().map(|line| line.facts.clone()).collect();
            decide_cart(policy, &By::Patron, patron, &facts, view.ordered)
        }
        None => view
            .lines
            .iter()
            .map(|line| line.facts.part.as_ref().map_or(Some(Refusal::UnknownTitle), title_refusal))
            .collect(),
    }
}

/// Says which titles of the cart a list lacks, once the server has heard of them: the page was opened, or loaded anew,
/// while a title was still on its way into the cart. The list is asked for again when that changes, so once and not for
/// ever about a title that the server does not know either.
fn miss(view: StoredValue<CartView>, lacking: RwSignal<Vec<PartId>>) {
    let cart = use_cart();
    Effect::new(move |_| {
        let parts = cart.arrangement().parts;
        // A page from the browser's store is loaded anew when the line is back.
        if cart.is_sending() || cart.is_offline() || browser::is_kept() {
            return;
        }
        let is_listed = |part: &PartId| view.with_value(|view| view.lines.iter().any(|line| line.part == *part));
        let missed: Vec<_> = parts.into_iter().filter(|part| !is_listed(part)).collect();
        if !missed.is_empty() && *lacking.read_untracked() != missed {
            lacking.set(missed);
        }
    });
}

/// The list with its buttons. All of it is one form, which is what works with scripts off; with scripts each button
/// does the same at once.
fn list(view: CartView, lacking: RwSignal<Vec<PartId>>) -> ErasedView {
    let i18n = use_i18n();
    let cart = use_cart();
    let site = use_site();
    cart.keep_lines(&view);
    let navigate = use_navigate();
    let drag = Drag::new(cart);
    let view = StoredValue::new(view);
    miss(view, lacking);
    let shown = Memo::new(move |_| view.with_value(|view| view.arranged(&cart.arrangement())));
    let count = Memo::new(move |_| shown.read().lines.len());
    let answers = Memo::new(move |_| {
        let shown = shown.read();
        let refusals = site.with(|site| refusals(&site.reservations, &shown));
        shown.lines.iter().map(|line| line.part).zip(refusals).collect::<Vec<_>>()
    });
    let is_ordered = Memo::new(move |_| shown.read().ordered > 0);
    let press = move |event: ev::MouseEvent, press: Press| {
        event.prevent_default();
        for change in press.changes(&cart.arrangement(), &[]) {
            cart.change(change);
        }
    };
    let on_order = move |event: ev::MouseEvent| {
        event.prevent_default();
        let orders = cart.arrangement();
        let orders = orders.parts.iter().map(|part| (*part, orders.order_of(*part))).collect();
        cart.change(CartChange::SpecifyOrder(orders));
        cart.announcement.say(i18n.t(Key::CartOrdered));
        // The pull-downs are what comes next.
        browser::focus_soon(".cart-list select".to_owned());
    };
    let on_reserve = move |event: ev::MouseEvent| {
        event.prevent_default();
        navigate("/cart/place", NavigateOptions::default());
    };
    let lines = move || shown.read().lines.iter().map(|line| line.part).collect::<Vec<_>>();
    let line = move |part: PartId| {
        let found = view.with_value(|view| view.lines.iter().find(|line| line.part == part).cloned());
        found.map(|found| line_view(found, count, answers, drag))
    };
    let empty = move || {
        view! {
            <p class="empty">{i18n.show(Key::CartEmpty)}</p>
            <p><a class="button" href="/">{i18n.show(Key::ToSearch)}</a></p>
        }
        .erased()
    };
    let on_reserve = StoredValue::new(on_reserve);
    let full = move || {
        let on_reserve = on_reserve.get_value();
        view! {
            <form method="post" action=PressCart::PATH class="cart-form">
                <ol class="cart-list">
                    <For each=lines key=|part| *part children=line />
                </ol>
                <section class="ordering" class:ordered=is_ordered>
                    <div class="buttons">
                        <button name="press" value=Press::Order.value() on:click=on_order>
                            {i18n.show(Key::CartSpecifyOrder)}
                        </button>
                        <button
                            name="press"
                            value=Press::Forget.value()
                            hidden=move || !is_ordered.get()
                            on:click=move |event| press(event, Press::Forget)
                        >
                            {i18n.show(Key::CartForgetOrder)}
                        </button>
                    </div>
                    <ul class="rules">
                        <li>{i18n.show(Key::SetRuleWaits)}</li>
                        <li>{i18n.show(Key::SetRuleAllOrNothing)}</li>
                    </ul>
                </section>
                <div class="buttons end">
                    <button class="primary" name="press" value=Press::Reserve.value() on:click=on_reserve>
                        {i18n.show(Key::Reserve)}
                    </button>
                    <button
                        class="quiet"
                        name="press"
                        value=Press::Empty.value()
                        on:click=move |event| press(event, Press::Empty)
                    >
                        {i18n.show(Key::CartEmptyAll)}
                    </button>
                </div>
            </form>
        }
        .erased()
    };
    let is_empty = Memo::new(move |_| count.get() == 0);
    view! {
        <div class="page cart">
            <Heading text=i18n.t(Key::CartTitle) />
            <p class="notice" hidden=move || !cart.is_offline()>{i18n.show(Key::CartOffline)}</p>
            <Show when=move || !is_empty.get() fallback=empty>{full()}</Show>
        </div>
    }
    .erased()
}

/// One title with its pull-down, its handle and its buttons.
fn line_view(
    line: CartLine,
    count: Memo<usize>,
    answers: Memo<Vec<(PartId, Option<Refusal>)>>,
    drag: Drag,
) -> ErasedView {
    let i18n = use_i18n();
    let cart = use_cart();
    let part = line.part;
    let order = Memo::new(move |_| cart.arrangement().order_of(part));
    let position = move || cart.arrangement().parts.iter().position(|p| *p == part).unwrap_or_default();
    let refusal =
        Memo::new(move |_| answers.read().iter().find(|(p, _)| *p == part).and_then(|(_, refusal)| refusal.clone()));
    // A move keeps the focus on what was pressed, although the title is put elsewhere in the page.
    let move_by = move |down: bool, focus: &'static str| {
        let press = if down { Press::Down(part) } else { Press::Up(part) };
        for change in press.changes(&cart.arrangement(), &[]) {
            cart.change(change);
        }
        let at = untrack(position) + 1;
        cart.announcement.say(i18n.number(Key::CartMovedTo, at));
        browser::focus_soon(format!("[id='{focus}-{part}']"));
    };
    let on_choose = move |event: ev::Event| {
        let chosen = api::read_orders(&[event_target_value(&event)]);
        if let Some((part, order)) = chosen.first() {
            cart.change(chosen_order(&cart.arrangement(), *part, *order));
        }
        browser::focus_soon(format!("[id='order-{part}']"));
    };
    let on_remove = move |event: ev::MouseEvent| {
        event.prevent_default();
        cart.change(CartChange::Remove(vec![part]));
        browser::focus_soon("h1".to_owned());
    };
    let on_handle_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "ArrowUp" => {
            event.prevent_default();
            move_by(false, "handle");
        }
        "ArrowDown" => {
            event.prevent_default();
            move_by(true, "handle");
        }
        _ => {}
    };
    let options = move || {
        (0..=count.get())
            .map(|n| {
                let this = (n > 0).then_some(n);
                let text = if n == 0 { i18n.t(Key::OrderNone) } else { n.to_string() };
                let selected = Memo::new(move |_| order.get() == this);
                view! {
                    <option value=order_value(part, this) selected=selected.get_untracked() prop:selected=selected>
                        {text}
                    </option>
                }
            })
            .collect_view()
    };
    let title = match line.bib {
        Some(bib) => view! { <a href=format!("/bibs/{bib}")>{line.title.clone()}</a> }.erased(),
        None => line.title.clone().erased(),
    };
    let named = |key: Key| i18n.fill(key, &[("title", &line.title)]);
    let waits = (line.waiting > 0).then(|| view! { <span>{i18n.number(Key::Waiting, line.waiting)}</span> });
    view! {
        <li class:dragged=move || drag.is_dragging(part)>
            <button
                type="button"
                class="handle"
                id=format!("handle-{part}")
                aria-label=named(Key::CartHandle)
                on:pointerdown=move |event| drag.take(&event, part)
                on:keydown=on_handle_key
            >
                <span aria-hidden="true">"⠿"</span>
            </button>
            <div class="what">
                <h2>{title}</h2>
                <p class="facts">
                    <span>{line.creators.clone()}</span> {material_mark(line.material)} {waits}
                </p>
                {move || refusal.get().map(|refusal| view! { <p class="why-not">{i18n.refusal(&refusal)}</p> })}
            </div>
            <div class="do">
                <label>
                    <span class="label" aria-hidden="true">{i18n.show(Key::OrderLabel)}</span>
                    <select
                        name="orders[]"
                        id=format!("order-{part}")
                        aria-label=named(Key::OrderOf)
                        on:change=on_choose
                    >
                        {options}
                    </select>
                </label>
                <button
                    name="press"
                    value=Press::Up(part).value()
                    id=format!("up-{part}")
                    aria-label=named(Key::CartUpTitle)
                    on:click=move |event| {
                        event.prevent_default();
                        move_by(false, "up");
                    }
                >
                    {i18n.show(Key::CartUp)}
                </button>
                <button
                    name="press"
                    value=Press::Down(part).value()
                    id=format!("down-{part}")
                    aria-label=named(Key::CartDownTitle)
                    on:click=move |event| {
                        event.prevent_default();
                        move_by(true, "down");
                    }
                >
                    {i18n.show(Key::CartDown)}
                </button>
                <button
                    class="quiet"
                    name="press"
                    value=Press::Remove(part).value()
                    aria-label=named(Key::CartRemoveTitle)
                    on:click=on_remove
                >
                    {i18n.show(Key::CartRemove)}
                </button>
            </div>
        </li>
    }
    .erased()
}
