//! Compressing the files of the site once, at the best quality, instead of at every request.
//!
//! cargo-leptos can do it at each build (`--precompress`), but the tool is built without optimisation and would take
//! a minute for what takes two seconds here.

use std::{
    ffi::OsStr,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// Files below this size fit into one packet anyway, in bytes.
const WORTH: u64 = 1024;

/// Makes `.br` and `.gz` files beside all files of the folder that are worth it and have none as new as themselves.
/// Answers how many files were compressed.
pub(super) fn compress_all(folder: &Path) -> io::Result<usize> {
    let mut compressed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, metadata) = (entry.path(), entry.metadata()?);
        if metadata.is_dir() {
            compressed += compress_all(&path)?;
        } else if metadata.len() >= WORTH && is_text_or_code(&path) && !has_companions(&path, &metadata)? {
            let bytes = fs::read(&path)?;
            write_whole(&with_ending(&path, "br"), &brotli(&bytes)?)?;
            write_whole(&with_ending(&path, "gz"), &gzip(&bytes)?)?;
            compressed += 1;
        }
    }
    Ok(compressed)
}

fn is_text_or_code(path: &Path) -> bool {
    let kinds = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest"];
    path.extension().and_then(OsStr::to_str).is_some_and(|kind| kinds.contains(&kind))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn has_companions(path: &Path, metadata: &fs::Metadata) -> io::Result<bool> {
    let made = metadata.modified()?;
    for ending in ["br", "gz"] {
        match fs::metadata(with_ending(path, ending)) {
            Ok(companion) if companion.modified()? >= made => {}
            Ok(_) => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// At its best, which is too slow for a request.
pub(super) fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let best = BrotliEncoderParams { quality: 11, size_hint: bytes.len(), ..BrotliEncoderParams::default() };
    brotli::BrotliCompress(&mut io::Cursor::new(bytes), &mut compressed, &best)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// Two servers may start at once: nobody is ever shown half a file.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = with_ending(path, &format!("{}.tmp", std::process::id()));
    fs::write(&unfinished, bytes)?;
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_compressed_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = folder.path().join("page.js");
        fs::write(&script, "let a = 1;\n".repeat(1000)).expect("written");
        fs::write(folder.path().join("photo.jpg"), vec![0; 5000]).expect("written");
        fs::write(folder.path().join("small.css"), "a{}").expect("written");
        assert_eq!(compress_all(folder.path()).expect("compressed"), 1);
        assert!(with_ending(&script, "br").exists() && with_ending(&script, "gz").exists());
        assert_eq!(compress_all(folder.path()).expect("nothing to do"), 0);
    }
}
