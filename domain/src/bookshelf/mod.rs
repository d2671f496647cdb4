//! My本棚: what patrons keep of their reading for themselves. The library has no way to ask for it.

pub mod marathon;
