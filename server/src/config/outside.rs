//! Where mails that came back are fetched, and the channels beside mail: settings that lead outside.

use std::path::PathBuf;

use serde::Deserialize;

/// Where mails that came back are found (R13). A pipe to `hondana bounce` needs no setting.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BounceSettings {
    /// A maildir on this machine, into which a mail server delivers them.
    pub maildir: Option<PathBuf>,
}
