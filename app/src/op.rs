//! Ids of requests: each makes one deed of however many times it is sent.

use domain::OpId;

/// A key for a new request: from the server for its forms, from the browser for what scripts send.
pub(crate) fn new_op() -> OpId {
    #[cfg(feature = "ssr")]
    {
        // There is no library while the routes are listed, and nobody reads that page.
        leptos::prelude::use_context::<library::Library>()
            .map_or_else(|| OpId::new(0, &[0; 10]), |library| library.new_op())
    }
    #[cfg(not(feature = "ssr"))]
    {
        #[cfg(feature = "hydrate")]
        let (now, drawn) = (crate::browser::now(), crate::browser::draw());
        #[cfg(not(feature = "hydrate"))]
        let (now, drawn) = (0.0, [0; 10]);
        OpId::new(now as u64, &drawn)
    }
}
