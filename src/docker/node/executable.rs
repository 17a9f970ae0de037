//! wharf's own executable as a Docker image: one layer with one file, named by its content.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};
use tar::Header;
use tokio_util::io::ReaderStream;

use crate::api::names::HELLO_IMAGE;

/// Where the program is that runs now, even if its file was replaced meanwhile.
const SELF: &str = "/proc/self/exe";
/// Two empty blocks end a tar.
const END: [u8; 1024] = [0; 1024];

/// A static Linux program that can be the only file of an image.
pub(super) struct Executable {
    size: u64,
    /// The layer's digest in hexadecimal digits: what the image is named by.
    digest: String,
}

impl Executable {
    /// Reads and hashes the program that runs now.
    ///
    /// # Errors
    /// If it can't be read or is not a static program for Linux.
    pub(super) fn read() -> io::Result<Self> {
        let not_static = || io::Error::other("it is not a static Linux program");
        if !Path::new(SELF).exists() {
            return Err(not_static());
        }
        let mut file = File::open(SELF)?;
        let size = file.metadata()?.len();
        let mut hash = Sha256::new();
        hash.update(header("wharf", size, 0o755)?.as_bytes());
        let mut buffer = vec![0; 1 << 18];
        let mut first = true;
        loop {
            let length = file.read(&mut buffer)?;
            let read = buffer.get(..length).unwrap_or_default();
            if std::mem::take(&mut first) && !is_static(read) {
                return Err(not_static());
            }
            if length == 0 {
                break;
            }
            hash.update(read);
        }
        hash.update(padding(size));
        hash.update(END);
        let digest = format!("{:x}", hash.finalize());
        Ok(Self { size, digest })
    }

    /// The image's name.
    pub(super) fn tag(&self) -> String {
        format!("wharf:{}", self.digest.get(..12).unwrap_or_default())
    }

    /// The image in the form of `docker save`: loading it twice gives the same image, unlike an import.
    /// <https://github.com/moby/docker-image-spec/blob/main/spec.md>
    pub(super) async fn archive(&self) -> io::Result<impl Stream<Item = io::Result<Bytes>> + use<>> {
        let manifest = serde_json::json!([{
            "Config": "config.json", "RepoTags": [self.tag(), HELLO_IMAGE], "Layers": ["layer.tar"],
        }]);
        let config = serde_json::json!({
            "architecture": architecture(), "os": "linux", "created": "1970-01-01T00:00:00Z",
            "config": {
                "Entrypoint": ["/wharf"], "Cmd": ["hello"],
                "Labels": { super::image::LABEL: env!("CARGO_PKG_VERSION") },
            },
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{}", self.digest)] },
            "history": [{ "created": "1970-01-01T00:00:00Z", "created_by": "wharf" }],
        });
        let mut head = Vec::new();
        for (name, json) in [("manifest.json", manifest), ("config.json", config)] {
            let text = json.to_string();
            head.extend_from_slice(header(name, text.len() as u64, 0o644)?.as_bytes());
            head.extend_from_slice(text.as_bytes());
            head.extend(padding(text.len() as u64));
        }
        let layer = 512 + self.size + padding(self.size).len() as u64 + END.len() as u64;
        head.extend_from_slice(header("layer.tar", layer, 0o644)?.as_bytes());
        head.extend_from_slice(header("wharf", self.size, 0o755)?.as_bytes());
        let mut tail = padding(self.size);
        tail.extend_from_slice(&END);
        tail.extend_from_slice(&END);
        let file = ReaderStream::with_capacity(tokio::fs::File::open(SELF).await?, 1 << 18);
        let piece = |bytes: Vec<u8>| stream::iter([Ok(Bytes::from(bytes))]);
        Ok(piece(head).chain(file).chain(piece(tail)))
    }
}

/// The architecture in Docker's words.
pub(super) fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn header(name: &str, size: u64, mode: u32) -> io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_size(size);
    header.set_mode(mode);
    header.set_cksum();
    Ok(header)
}

fn padding(size: u64) -> Vec<u8> {
    vec![0; usize::try_from((512 - size % 512) % 512).unwrap_or_default()]
}

/// Whether the start of a file is that of a 64-bit ELF program that names no interpreter, which is what loads shared
/// libraries. <https://man7.org/linux/man-pages/man5/elf.5.html>
fn is_static(file: &[u8]) -> bool {
    const INTERPRETER: u64 = 3;
    let number = |at: usize, length: usize| {
        let bytes = file.get(at..at + length)?;
        Some(bytes.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
    };
    let segments = || {
        let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
        (0..count).map(|n| number(usize::try_from(table + n * size).ok()?, 4)).collect::<Option<Vec<_>>>()
    };
    file.starts_with(b"\x7fELF\x02\x01") && segments().is_some_and(|kinds| !kinds.contains(&INTERPRETER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_an_interpreter_is_not_static() {
        let mut elf = vec![0; 64 + 2 * 56];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        (elf[32], elf[54], elf[56], elf[64], elf[120]) = (64, 56, 2, 1, 2);
        assert!(is_static(&elf));
        elf[120] = 3;
        assert!(!is_static(&elf));
        assert!(!is_static(&elf[..100]) && !is_static(b"#!/bin/sh") && !is_static(b""));
    }

    #[tokio::test]
    async fn the_archive_is_a_tar_whose_layer_has_the_named_digest() {
        let me = Executable::read().unwrap();
        let pieces: Vec<_> = me.archive().await.unwrap().collect().await;
        let bytes =
            pieces.into_iter().map(Result::unwrap).fold(Vec::new(), |all, piece| [all, piece.to_vec()].concat());
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut layer = Vec::new();
        let mut names = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            names.push(entry.path().unwrap().display().to_string());
            layer.clear();
            entry.read_to_end(&mut layer).unwrap();
        }
        assert_eq!(names, ["manifest.json", "config.json", "layer.tar"]);
        assert_eq!(crate::api::names::digest(&layer, 64), me.digest);
        let mut inner = tar::Archive::new(layer.as_slice());
        let mut file = inner.entries().unwrap().next().unwrap().unwrap();
        let mut program = Vec::new();
        file.read_to_end(&mut program).unwrap();
        assert!(program == std::fs::read(SELF).unwrap(), "the program in the layer is not this one");
    }
}
