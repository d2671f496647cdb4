//! The pages of `app` behind what a browser needs and nothing a stranger may.
//!
//! From outside to inside a request passes: log and figures, what proxies say of the browser, the security headers, the catching of panics, the
//! refusal of writes from other sites, the limits of the body; then either what watches the server, a static file, or, with its
//! session, compressed on its way out, when there is a place for it, a page or a server function.

mod compressed;
mod guard;
mod headers;
mod listen;
mod live;
mod manifest;
mod operation;
mod own_data;
mod plain;
mod proxy;
mod sessions;
mod shelf_files;
mod site;

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
    time::Duration,
};

use app::ssr::{MailFolder, PushOffer};
use axum::{Router, middleware, routing::get};
use ipnet::IpNet;
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::{AxumRouteListing, ErrorHandler, LeptosRoutes, generate_route_list};
use library::{Library, notices::PushSettings};
use tower::ServiceBuilder;
use tower_http::{
    CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer, limit::RequestBodyLimitLayer,
    timeout::RequestBodyTimeoutLayer,
};

pub use self::{
    listen::{ConnectionLimits, serve_connections},
    operation::Operation,
    site::{Site, SiteError},
};

/// Most bytes a request may carry, but for a list as a file. The largest form is a cart's order, some kilobytes.
const MOST_BODY: usize = 256 * 1024;

/// How long the next piece of a request's body may take, so that nobody holds a connection by dripping.
const BODY_PAUSE: Duration = Duration::from_secs(20);

/// The pages there are, found by rendering the app without a request. Once in a process and before the first page: while
/// it is done, Leptos has every resource of the process that begins to load wait for ever (leptos issue 4773).
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(app::App));

/// What the pages are made from.
#[derive(Clone)]
pub struct Web {
    /// The library.
    pub library: Library,
    /// The folder of mails written as files, where the desk may look at them: in the demo only.
    pub mail_folder: Option<PathBuf>,
    /// By what devices are offered notices, if they are.
    pub push: Option<PushSettings>,
    /// The files built for the browser.
    pub site: Site,
    /// The reverse proxies whose word on the browser is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// How the server is run.
    pub operation: Operation,
}

/// Everything that answers a request.
///
/// Server functions and pages find the [`Library`] and the [`MailFolder`] in Leptos' context.
pub fn router(web: &Web) -> Router {
    let options = web.site.leptos_options();
    let web_address: Arc<str> = web.library.policy().library.web_address.as_str().into();
    let trusted: Arc<[IpNet]> = web.trusted_proxies.as_slice().into();
    let context = {
        let library = web.library.clone();
        let mail_folder = MailFolder(web.mail_folder.clone());
        let push = PushOffer(web.push.clone());
        let program = web.site.program();
        move || {
            provide_context(library.clone());
            provide_context(mail_folder.clone());
            provide_context(push.clone());
            provide_context(Arc::clone(&program));
            app::pieces::note_pieces();
            headers::allow_own_scripts();
        }
    };
    let shell = {
        let options = options.clone();
        move || app::shell(options.clone())
    };
    let not_found = ErrorHandler::new_with_context(context.clone(), app::shell, options.clone());
    let pages = Router::<LeptosOptions>::new()
        .leptos_routes_with_context(&options, ROUTES.clone(), context, shell)
        .merge(own_data::router(&web.library))
        .merge(shelf_files::router(&web.library))
        .merge(live::router(&web.library))
        .fallback_service(not_found)
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(web.operation.clone(), operation::slow_down))
                .layer(middleware::from_fn_with_state(web.operation.clone(), operation::admit)),
        )
        .layer(RequestBodyLimitLayer::new(MOST_BODY))
        // A file comes piece by piece, from people who are signed in; it holds no place while it does.
        .merge(shelf_files::import_router(&web.library))
        .layer(
            ServiceBuilder::new()
                // Level 5 would make a page a twelfth smaller and take twice as long, Brotli as much again and six times as long.
                .layer(CompressionLayer::new().no_br().quality(CompressionLevel::Precise(2)))
                .layer(sessions::layer(&web.library))
                .layer(middleware::from_fn(sessions::keep_alive))
                .layer(middleware::from_fn(headers::keep_out_of_caches)),
        )
        .with_state(options);
    Router::new()
        .route("/healthz", get(operation::alive))
        .route("/readyz", get(operation::ready))
        .with_state(web.operation.clone())
        .merge(manifest::router(&web.library))
        .merge(web.site.router())
        .merge(pages)
        // As one, the outermost first: each layer by itself would have a router copy all that it holds, for each request.
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(web.operation.clone(), operation::observe))
                .layer(middleware::from_fn_with_state(trusted, proxy::believe))
                .layer(middleware::from_fn_with_state(Arc::<str>::clone(&web_address), headers::secure))
                .layer(CatchPanicLayer::custom(plain::after_panic))
                .layer(middleware::from_fn_with_state(web_address, guard::same_site))
                .layer(middleware::map_response(plain::instead_of_empty))
                .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE)),
        )
}
