//! The files built for the browser: the program in `pkg`, and what lies in `public`.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use app::ssr::{
    Pieces, Program,
    texts::{FILES, texts_files},
};
use axum::{
    Router,
    extract::Request,
    middleware,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, header};
use leptos::prelude::LeptosOptions;
use tower_http::{
    compression::CompressionLayer,
    services::{ServeDir, ServeFile},
};

use super::{
    compressed::{brotli, compress_all},
    operation::OfFiles,
};

/// What the files of the browser's program are called, in Cargo.toml.
const NAME: &str = "hondana";

/// Folder of the browser's program within the site.
const PACKAGE: &str = "pkg";

/// Length of the hash cargo-leptos puts into file names.
const HASH_LENGTH: usize = 22;

/// What shows notices and keeps pages for when there is no line.
const WORKER: &str = "/sw.js";

/// What it may do: be made of scripts of ours and ask this server, and nothing else.
const POLICY_OF_THE_WORKER: HeaderValue =
    HeaderValue::from_static("default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'");

/// The texts at Brotli's best, in the order of [`texts_files`], once they are.
static TEXTS_AT_BEST: [OnceLock<Vec<u8>>; FILES] = [const { OnceLock::new() }; FILES];

/// A folder of files for the browser.
#[derive(Clone, Debug)]
pub struct Site {
    root: PathBuf,
    /// Names of what lies in the folder, apart from [`PACKAGE`].
    entries: Vec<(String, Kind)>,
    /// The name of this build of the program, where it comes in pieces.
    build: Option<String>,
    program: Arc<Program>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    File,
    Folder,
}

/// The files for the browser can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// They are nowhere.
    #[error(
        "the files for the browser are not in {}; build them with `cargo leptos build --release`, or say with --site \
         where they are",
        .0.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" or ")
    )]
    Missing(Vec<PathBuf>),
    /// They can't be read.
    #[error("folder {}: {error}", path.display())]
    Unreadable {
        /// Which folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl Site {
    /// Finds the files: in the folder given, or else in `site` beside the program, where a package has them, or
    /// beside its folder, where a build has them.
    ///
    /// # Errors
    /// When they are not there or can't be read.
    pub fn find(given: Option<PathBuf>) -> Result<Self, SiteError> {
        let candidates = match given {
            Some(path) => vec![path],
            None => {
                let program = std::env::current_exe().unwrap_or_default();
                program.ancestors().skip(1).take(2).map(|folder| folder.join("site")).collect()
            }
        };
        match candidates.iter().find(|path| path.join(PACKAGE).is_dir()) {
            Some(root) => Self::open(root),
            None => Err(SiteError::Missing(candidates)),
        }
    }

    /// Uses the files of a folder as they are.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn open(root: &Path) -> Result<Self, SiteError> {
        let entries = read_entries(root).map_err(|error| SiteError::Unreadable { path: root.to_path_buf(), error })?;
        // cargo-leptos writes the hashes beside the program.
        let hashes = std::env::current_exe()
            .and_then(|program| std::fs::read_to_string(program.with_file_name("hash.txt")))
            .unwrap_or_default();
        let program = Arc::new(program(&root.join(PACKAGE), &hashes));
        Ok(Self { root: root.to_path_buf(), entries, build: name_of_build(&hashes).map(str::to_owned), program })
    }

    /// Compresses the files that are not yet, and the texts, so that requests need not wait for it. Blocks for some seconds
    /// after a build, while the server already answers. A folder that can't be written is served as it is.
    pub fn compress(&self) {
        for (file, best) in texts_files().iter().zip(&TEXTS_AT_BEST) {
            match brotli(&file.json) {
                Ok(compressed) => _ = best.set(compressed),
                Err(error) => tracing::warn!(%error, "texts are compressed for each request"),
            }
        }
        match compress_all(&self.root) {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "compressed the files for the browser"),
            Err(error) => {
                tracing::warn!(%error, folder = %self.root.display(), "files for the browser go uncompressed")
            }
        }
    }

    /// What Leptos needs to know of the files.
    pub(super) fn leptos_options(&self) -> LeptosOptions {
        LeptosOptions::builder()
            .output_name(NAME)
            .site_root(self.root.to_string_lossy().into_owned())
            .site_pkg_dir(PACKAGE)
            .build()
    }

    /// Where pages find the program.
    pub(super) fn program(&self) -> Arc<Program> {
        Arc::clone(&self.program)
    }

    /// Serves the files.
    pub(super) fn router(&self) -> Router {
        let folder = |name: &str| {
            ServeDir::new(self.root.join(name))
                .append_index_html_on_directories(false)
                .precompressed_br()
                .precompressed_gzip()
        };
        let mut router = Router::new().nest_service(&format!("/{PACKAGE}"), folder(PACKAGE)).merge(texts());
        if self.build.is_some() {
            router = router.nest_service(&self.program.folder, folder(PACKAGE));
        }
        for (name, kind) in &self.entries {
            let path = format!("/{name}");
            router = match kind {
                Kind::Folder => router.nest_service(&path, folder(name)),
                Kind::File => {
                    let file = ServeFile::new(self.root.join(name)).precompressed_br().precompressed_gzip();
                    router.route_service(&path, file)
                }
            };
        }
        router.layer(middleware::from_fn(cached))
    }
}

/// Serves the texts, which are compiled into the program and have their names among the files of the build.
fn texts() -> Router {
    let mut router = Router::new();
    for (file, best) in texts_files().iter().zip(&TEXTS_AT_BEST) {
        let answer = async |headers: HeaderMap| {
            let [kind, vary] = [(header::CONTENT_TYPE, "application/json"), (header::VARY, "accept-encoding")];
            match best.get().filter(|_| takes_brotli(&headers)) {
                Some(best) => ([kind, (header::CONTENT_ENCODING, "br"), vary], best.as_slice()).into_response(),
                None => ([kind], file.json.as_slice()).into_response(),
            }
        };
        router = router.route(&file.address, get(answer));
    }
    // Before they are compressed, and for whoever can't read Brotli.
    router.layer(CompressionLayer::new())
}

/// Whether an answer may be compressed by Brotli.
fn takes_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        let quality = quality.trim().strip_prefix("q=").and_then(|quality| quality.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("br") && quality.is_none_or(|quality| quality > 0.0)
    })
}

fn read_entries(root: &Path) -> io::Result<Vec<(String, Kind)>> {
    let mut entries = Vec::new();
    for entry in root.read_dir()? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        // Compressed copies are found by way of their originals; braces would have a meaning in a route.
        if name == PACKAGE || name.ends_with(".br") || name.ends_with(".gz") || name.contains(['{', '}']) {
            continue;
        }
        let kind = if entry.file_type()?.is_dir() { Kind::Folder } else { Kind::File };
        entries.push((name, kind));
    }
    Ok(entries)
}

/// A name with a hash can be kept for ever, since another content gets another name; the others for an hour.
async fn cached(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let (for_ever, is_script, is_worker) = (has_hash(path), path.ends_with(".js"), path == WORKER);
    let mut response = next.run(request).await;
    let value = match response.status() {
        status if !status.is_success() && status != http::StatusCode::NOT_MODIFIED => "no-store",
        _ if for_ever => "public, max-age=31536000, immutable",
        // They belong to the pages of one build, and have no other name in the next.
        _ if is_script => "no-cache",
        _ => "public, max-age=3600",
    };
    response.extensions_mut().insert(OfFiles);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    if is_worker {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY_OF_THE_WORKER);
    }
    response
}

/// The program in a folder, by what cargo-leptos writes of its hashes.
fn program(folder: &Path, hashes: &str) -> Program {
    let named = |name: &str, of: &str, ending: &str| match hash_of(hashes, of) {
        Some(hash) => format!("{name}.{hash}.{ending}"),
        None => format!("{name}.{ending}"),
    };
    let pieces = std::fs::read_to_string(folder.join(named("__wasm_split_manifest", "manifest", "json"))).ok();
    let pieces = pieces.and_then(|json| match serde_json::from_str(&json) {
        Ok(files) => {
            let unnamed = "_".repeat(HASH_LENGTH);
            let script = format!("__wasm_split.{}.js", name_of_build(hashes).unwrap_or(&unnamed));
            Some(Pieces { script, files })
        }
        Err(error) => {
            tracing::warn!(%error, "the list of the program's pieces can't be read");
            None
        }
    });
    Program {
        folder: match name_of_build(hashes) {
            Some(build) => format!("/{build}/{PACKAGE}"),
            None => format!("/{PACKAGE}"),
        },
        style: format!("/{PACKAGE}/{}", named(NAME, "css", "css")),
        script: named(NAME, "js", "js"),
        wasm: named(NAME, "wasm", "wasm"),
        pieces,
    }
}

/// The hash of a kind of file in what cargo-leptos writes, a line for each: `split: GbmQ…`.
fn hash_of<'a>(hashes: &'a str, kind: &str) -> Option<&'a str> {
    let of_kind = |line: &'a str| line.strip_prefix(kind)?.strip_prefix(':').map(str::trim);
    hashes.lines().find_map(of_kind)
}

/// The name of the build, under which the program's folder is found.
///
/// cargo-leptos hashes the program's files before it writes the names of the others into them, so that a name may stand
/// for another content in the next build (its issue 658). The file that names all pieces is hashed last, with all names
/// in it: under its hash a name stands for one content.
fn name_of_build(hashes: &str) -> Option<&str> {
    hash_of(hashes, "split")
}

/// Whether the last but one of the dotted parts of the name is a hash: `/pkg/hondana.GbmQ….css`.
fn has_hash(path: &str) -> bool {
    let is_hash = |part: &str| {
        part.len() == HASH_LENGTH
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    path.rsplit('.').nth(1).is_some_and(is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_hashes_are_known() {
        assert!(has_hash("/pkg/hondana.GbmQ0y8E-3_xx1hJq2bTfA.wasm"));
        assert!(!has_hash("/pkg/hondana.wasm"));
        assert!(!has_hash("/favicon.svg"));
    }

    #[test]
    fn a_build_is_named_by_the_file_that_names_its_pieces() {
        let hashes = "js: hcTs2j_AIKUNKkBedoIY7A\nwasm: wOzwfZq_mPKwT6cSK9NkuQ\nsplit: Ya4nGpx9L7CH4gevhchfYg\n";
        assert_eq!(name_of_build(hashes), Some("Ya4nGpx9L7CH4gevhchfYg"));
        let program = program(Path::new("/nowhere"), hashes);
        assert_eq!(program.folder, "/Ya4nGpx9L7CH4gevhchfYg/pkg");
        assert_eq!(program.script, "hondana.hcTs2j_AIKUNKkBedoIY7A.js");
        assert_eq!(program.style, "/pkg/hondana.css", "not hashed");
        assert_eq!(name_of_build("js: hcTs2j_AIKUNKkBedoIY7A\n"), None, "a build without pieces");
    }

    #[test]
    fn brotli_is_for_whoever_says_so() {
        let takes = |value: &'static str| {
            takes_brotli(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]))
        };
        assert!(takes("gzip, deflate, br, zstd") && takes("BR;q=0.5"));
        assert!(!takes("gzip, brown") && !takes("gzip, br;q=0") && !takes_brotli(&HeaderMap::new()));
    }

    #[test]
    fn missing_files_are_told_with_the_remedy() {
        let error = Site::find(Some("/nowhere/site".into())).expect_err("not there").to_string();
        assert!(error.contains("/nowhere/site") && error.contains("cargo leptos build"), "{error}");
    }
}
