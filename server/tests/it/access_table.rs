//! Who may ask what: every route and every server function, once.
//!
//! A line is an address as the router knows it, what is asked there, and a cell for each visitor: nobody, a patron, another
//! patron, a kiosk, the desk, a manager. `+` may ask, `-` is refused, `o` may ask and touches only what is their own: what
//! belongs to the patron of the second column is as it was.
//!
//! A kiosk's browser has no right of its own yet: it is a browser with an anonymous cart.

/// What is asked at an address. Words in braces are replaced by ids of the library the test makes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ask {
    /// A page or a file.
    Get(&'static str),
    /// A plain form.
    Form(&'static str),
    /// What a script asks.
    Json(&'static str),
}

use Ask::{Form, Get, Json};

pub(crate) type Line = (&'static str, Ask, &'static str);

/// Pages and files.
pub(crate) const ROUTES: &[Line] = &[
    // Address                      asked                                   n p a k d m
    ("/", Get("/"), "+ + + + + +"),
    ("/healthz", Get("/healthz"), "+ + + + + +"),
    ("/favicon.svg", Get("/favicon.svg"), "+ + + + + +"),
    ("/search", Get("/search?q=x"), "+ + + + + +"),
    ("/bibs/{id}", Get("/bibs/{bib}"), "+ + + + + +"),
    ("/guide", Get("/guide"), "+ + + + + +"),
    ("/calendar", Get("/calendar"), "+ + + + + +"),
    ("/login", Get("/login"), "+ + + + + +"),
    ("/cart", Get("/cart"), "+ + o + + +"),
    ("/cart/place", Get("/cart/place"), "- + o - - -"),
    ("/cart/confirm", Get("/cart/confirm?place=central&contact=telephone"), "- + o - - -"),
    ("/cart/done", Get("/cart/done?op={done}"), "- + o - - -"),
    ("/account/reservations", Get("/account/reservations"), "- + o - - -"),
    ("/account/cancelled", Get("/account/cancelled"), "- + o - - -"),
    ("/account/loans", Get("/account/loans"), "- + o - - -"),
    ("/account/{what}/{id}/{deed}", Get("/account/reservations/{reservation}/cancel"), "- + o - - -"),
    ("/account/data", Get("/account/data"), "- + o - - -"),
    ("/account/data/{deed}", Get("/account/data/erase"), "- + o - - -"),
    ("/account/data.json", Get("/account/data.json"), "- + o - - -"),
    ("/desk", Get("/desk"), "- - - - + +"),
    ("/desk/check-out", Get("/desk/check-out"), "- - - - + +"),
    ("/desk/journal", Get("/desk/journal"), "- - - - + +"),
    ("/desk/copies", Get("/desk/copies"), "- - - - + +"),
    ("/desk/mail", Get("/desk/mail"), "- - - - + +"),
    ("/desk/today", Get("/desk/today"), "- - - - + +"),
    ("/desk/pulls", Get("/desk/pulls"), "- - - - + +"),
    ("/desk/holds", Get("/desk/holds"), "- - - - + +"),
    ("/desk/transit", Get("/desk/transit"), "- - - - + +"),
    ("/desk/telephone", Get("/desk/telephone"), "- - - - + +"),
    ("/desk/decisions", Get("/desk/decisions"), "- - - - + +"),
    ("/desk/letters", Get("/desk/letters"), "- - - - + +"),
    ("/desk/cards", Get("/desk/cards?q={card}"), "- - - - + +"),
    ("/desk/cards/{id}", Get("/desk/cards/{patron}"), "- - - - + +"),
    ("/desk/cards/{id}/{deed}", Get("/desk/cards/{patron}/edit"), "- - - - + +"),
    ("/desk/requests", Get("/desk/requests"), "- - - - + +"),
    ("/desk/requests/{id}", Get("/desk/requests/new?card={patron}"), "- - - - + +"),
    ("/desk/catalogue", Get("/desk/catalogue"), "- - - - + +"),
    ("/desk/catalogue/{id}", Get("/desk/catalogue/{bib}"), "- - - - + +"),
    ("/desk/catalogue/{id}/{deed}", Get("/desk/catalogue/{bib}/edit"), "- - - - + +"),
    ("/desk/library", Get("/desk/library"), "- - - - + +"),
    ("/desk/library/{id}", Get("/desk/library/policy"), "- - - - + +"),
    ("/desk/library/{id}", Get("/desk/library/factor"), "- - - - + +"),
    ("/desk/library/{id}", Get("/desk/library/closures?place=central&from=2030-01-01"), "- - - - - +"),
    ("/desk/library/{id}", Get("/desk/library/figures"), "- - - - - +"),
    ("/desk/library/{id}", Get("/desk/library/staff"), "- - - - - +"),
    ("/desk/library/{id}", Get("/desk/library/password?of={staff}"), "- - - - - +"),
    ("/desk/library/{id}", Get("/desk/library/audit?card={card}"), "- - - - - +"),
];

/// What patrons, and whoever comes in, ask.
pub(crate) const PATRONS: &[Line] = &[
    ("/api/here", Json("{}"), "+ + o + + +"),
    ("/api/search", Json(r#"{"query":{"q":"x","page":1,"sort":"relevance"}}"#), "+ + + + + +"),
    ("/api/suggest", Json(r#"{"typed":"x"}"#), "+ + + + + +"),
    ("/api/record", Json(r#"{"bib":"{bib}"}"#), "+ + + + + +"),
    ("/api/calendar", Json("{}"), "+ + + + + +"),
    ("/api/cart", Json("{}"), "+ + o + + +"),
    ("/api/cart-change", Json(r#"{"change":{"Add":"{part}"}}"#), "+ + o + + +"),
    ("/api/cart-add", Form("part={part}"), "+ + o + + +"),
    ("/api/cart-press", Form("press=empty"), "+ + o + + +"),
    ("/api/confirm", Json("{}"), "- + o - - -"),
    ("/api/reserve", Form("op={op}&place=central&contact=telephone&in_set=0&parts[0]={part}"), "- + o - - -"),
    ("/api/reserve-answer", Json(r#"{"op":"{done}"}"#), "- + o - - -"),
    ("/api/sign-in", Form("card={card}&password={password}&next="), "+ + + + + +"),
    ("/api/sign-out", Form(""), "+ + o + + +"),
    ("/api/reservations", Json("{}"), "- + o - - -"),
    ("/api/cancelled", Json("{}"), "- + o - - -"),
    ("/api/loans", Json("{}"), "- + o - - -"),
    ("/api/cancel", Form("op={op}&reservation={reservation}"), "- + o - - -"),
    ("/api/change", Form("op={op}&reservation={reservation}&place=north&contact=telephone"), "- + o - - -"),
    ("/api/renew", Form("op={op}&loan={loan}"), "- + o - - -"),
    ("/api/say-returned", Form("op={op}&loan={loan}"), "- + o - - -"),
    ("/api/arrange-set", Form("op={op}&set={set}&orders[0]={reservation}:2:1"), "- + o - - -"),
    ("/api/dissolve-set", Form("op={op}&set={set}"), "- + o - - -"),
    ("/api/go-on", Form("op={op}&set={set}"), "- + o - - -"),
    ("/api/my-sessions", Json("{}"), "- + o - - -"),
    ("/api/end-session", Form("key={session}"), "- + o - - -"),
    ("/api/end-other-sessions", Form(""), "- + o - - -"),
    ("/api/erase-my-data", Form(""), "- + o - - -"),
];

/// What the desk asks at the counter and of its lists.
pub(crate) const COUNTER: &[Line] = &[
    ("/api/staff-sign-in", Form("login={login}&password={staff-password}"), "+ + + + + +"),
    ("/api/give-code", Form("code=000000"), "- - - - + +"),
    ("/api/second-factor", Json("{}"), "- - - - + +"),
    ("/api/set-factor", Form("code=000000&password=x"), "- - - - + +"),
    ("/api/factor-off", Form("code=000000"), "- - - - + +"),
    ("/api/desk-place", Form("place=central"), "- - - - + +"),
    ("/api/check-in", Json(r#"{"op":"{op}","barcode":"{copy}"}"#), "- - - - + +"),
    ("/api/check-in-form", Form("barcode={copy}"), "- - - - + +"),
    ("/api/note-fate", Form("barcode={copy}&fate=missing"), "- - - - + +"),
    ("/api/mails", Json("{}"), "- - - - + +"),
    (
        "/api/counter",
        Json(r#"{"op":"{op}","turn":null,"scan":{"text":"{card}","read_as":null,"reason":null}}"#),
        "- - - - + +",
    ),
    ("/api/counter-form", Form("op={op}&text={card}"), "- - - - + +"),
    ("/api/counter-undo", Json(r#"{"op":"{op}","turn":null,"barcode":"{copy}"}"#), "- - - - + +"),
    ("/api/undo", Json(r#"{"op":"{op}","barcode":"{copy}"}"#), "- - - - + +"),
    ("/api/undo-form", Form("op={op}&barcode={copy}"), "- - - - + +"),
    (
        "/api/play-in",
        Json(r#"{"scan":{"op":"{op}","place":"central","barcode":"{copy}","card":null},"seconds_ago":1}"#),
        "- - - - + +",
    ),
    ("/api/late", Json("{}"), "- - - - + +"),
    ("/api/late-settle", Form("scan={op}&reason=x"), "- - - - + +"),
    ("/api/desk-counts", Json("{}"), "- - - - + +"),
    ("/api/pull-list", Json("{}"), "- - - - + +"),
    ("/api/hold-shelf", Json("{}"), "- - - - + +"),
    ("/api/transit", Json("{}"), "- - - - + +"),
    ("/api/telephone-list", Json("{}"), "- - - - + +"),
    ("/api/decisions", Json("{}"), "- - - - + +"),
    ("/api/letters", Json("{}"), "- - - - + +"),
    ("/api/list-scan", Form("room=pulls&barcode={copy}"), "- - - - + +"),
    ("/api/gather-pulls", Form(""), "- - - - + +"),
    ("/api/copy-not-found", Form("reservation={reservation}&state=assigned"), "- - - - + +"),
    ("/api/extend-hold", Form("reservation={reservation}"), "- - - - + +"),
    ("/api/not-arrived", Form("barcode={copy}"), "- - - - + +"),
    ("/api/note-call", Form("op={op}&events={op}&result=called"), "- - - - + +"),
    ("/api/refused-mail", Form("op={op}&notice={op}&deed=again"), "- - - - + +"),
    ("/api/said-returned", Form("loan={loan}&deed=searched"), "- - - - + +"),
    ("/api/give-up-missing", Form("barcode={copy}"), "- - - - + +"),
    ("/api/cancel-queue", Form("part={part}"), "- - - - + +"),
];

/// What the desk asks of cards, catalogue and the library itself.
pub(crate) const KEEPING: &[Line] = &[
    ("/api/desk-cards", Json(r#"{"typed":"{card}"}"#), "- - - - + +"),
    ("/api/desk-card", Json(r#"{"id":"{patron}"}"#), "- - - - + +"),
    ("/api/desk-card-form", Json("{}"), "- - - - + +"),
    ("/api/desk-card-titles", Json(r#"{"id":"{patron}","typed":"x"}"#), "- - - - + +"),
    ("/api/issue-card", Form("op={op}&number=1"), "- - - - + +"),
    ("/api/edit-card", Form("card={patron}&number={card}"), "- - - - + +"),
    ("/api/replace-card", Form("card={patron}&number=x"), "- - - - + +"),
    ("/api/card-state", Form("card={patron}&state=active"), "- - - - + +"),
    ("/api/reserve-for", Form("op={op}&card={patron}&part={part}&place=central&contact=telephone"), "- - - - + +"),
    ("/api/cancel-for", Form("op={op}&card={patron}&reservation={reservation}"), "- - - - + +"),
    (
        "/api/change-for",
        Form("op={op}&card={patron}&reservation={reservation}&place=north&contact=telephone"),
        "- - - - + +",
    ),
    ("/api/desk-requests", Json("{}"), "- - - - + +"),
    ("/api/desk-request-for", Json(r#"{"card":"{card}"}"#), "- - - - + +"),
    ("/api/enter-request", Form("card={patron}&material=book&place=central&contact=telephone"), "- - - - + +"),
    ("/api/advance-request", Form("reservation={reservation}&step=searching"), "- - - - + +"),
    ("/api/request-arrived", Form("reservation={reservation}"), "- - - - + +"),
    ("/api/decline-request", Form("reservation={reservation}&why=x"), "- - - - + +"),
    ("/api/take-borrowed", Form("reservation={reservation}&barcode=x&lender=x&due=2030-01-01"), "- - - - + +"),
    ("/api/send-borrowed", Form("barcode={copy}"), "- - - - + +"),
    ("/api/desk-titles", Json(r#"{"typed":"x"}"#), "- - - - + +"),
    ("/api/desk-title", Json(r#"{"id":"{bib}"}"#), "- - - - + +"),
    ("/api/desk-title-form", Json("{}"), "- - - - + +"),
    ("/api/desk-merge-preview", Json(r#"{"from":"{bib}","into":"{bib}"}"#), "- - - - + +"),
    ("/api/add-title", Form("op={op}&title="), "- - - - + +"),
    ("/api/edit-title", Form("bib={bib}&title="), "- - - - + +"),
    ("/api/add-copy", Form("bib={bib}&part={part}&barcode="), "- - - - + +"),
    ("/api/receive-issue", Form("bib={bib}&barcode="), "- - - - + +"),
    ("/api/change-copy", Form("bib={bib}&barcode="), "- - - - + +"),
    ("/api/note-damage", Form("bib={bib}&barcode=none&what=x"), "- - - - + +"),
    ("/api/merge-titles", Form("from={bib}&into={bib}"), "- - - - + +"),
    ("/api/desk-policy", Json("{}"), "- - - - + +"),
    ("/api/closure-effect", Json(r#"{"place":"central","from":"","until":"","reason":""}"#), "- - - - - +"),
    ("/api/close-place", Form("place=nowhere&from=2030-01-01&until="), "- - - - - +"),
    ("/api/desk-figures", Json(r#"{"span":"day","day":""}"#), "- - - - - +"),
    ("/api/staff-accounts", Json("{}"), "- - - - - +"),
    ("/api/add-staff", Form("login=&password=&role=desk"), "- - - - - +"),
    ("/api/staff-role", Form("account={staff}&role=desk"), "- - - - - +"),
    ("/api/staff-enable", Form("account={staff}&enabled=true"), "- - - - - +"),
    ("/api/staff-password", Form("account={staff}&password=x"), "- - - - - +"),
    ("/api/staff-factor-off", Form("account={staff}"), "- - - - - +"),
    ("/api/desk-audit", Json(r#"{"day":"","staff":"","card":""}"#), "- - - - - +"),
];

/// The whole table.
pub(crate) fn table() -> impl Iterator<Item = Line> {
    [ROUTES, PATRONS, COUNTER, KEEPING].into_iter().flatten().copied()
}
