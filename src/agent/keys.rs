//! The node's keys: made at the first start, kept in the state volume where only the agent can read them.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use anyhow::Context;

use crate::api::Timestamp;
use crate::apiserver::access::{Authority, Pair, Signer};

/// What a node signs with.
pub(super) struct Keys {
    /// The key of its tokens.
    pub signer: Signer,
    /// Its certificate authority.
    pub authority: Authority,
}

impl Keys {
    /// Reads the keys of the node whose state is in `folder`; makes those that are missing.
    ///
    /// # Errors
    /// If a file can't be read or written, or holds no key.
    pub(super) fn open(folder: &Path, node: &str) -> anyhow::Result<Self> {
        let folder = folder.join("keys");
        match fs::DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error).context("the folder of keys"),
            _ => {}
        }
        let signer = kept(&folder.join("tokens.der"), || Ok(Signer::generate()?))?;
        // Certificate and key are one file: half of the pair is worth nothing.
        let pair = kept(&folder.join("authority.pem"), || {
            let pair = Authority::generate(node, Timestamp::now())?;
            Ok(format!("{}{}", pair.certificate, pair.key).into_bytes())
        })?;
        let text = String::from_utf8(pair).context("the node's certificate authority")?;
        let (certificate, key) = text.split_at(text.find("-----BEGIN PRIVATE KEY").unwrap_or(text.len()));
        let pair = Pair { certificate: certificate.to_owned(), key: key.to_owned() };
        Ok(Self { signer: Signer::of(&signer)?, authority: Authority::of(node, pair)? })
    }
}

/// What the file holds; what `make` makes, written with mode 0600, if there is no file.
fn kept(path: &Path, make: impl FnOnce() -> anyhow::Result<Vec<u8>>) -> anyhow::Result<Vec<u8>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        read => return read.with_context(|| path.display().to_string()),
    }
    let key = make()?;
    let write = || {
        // A crash on the way must not leave half a key under the right name.
        let new = path.with_extension("new");
        let mut file = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&key)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().with_context(|| path.display().to_string())?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn keys_are_made_once_and_only_the_owner_reads_them() {
        let folder = std::env::temp_dir().join(format!("wharf-keys-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let first = Keys::open(&folder, "a").unwrap();
        let token = first.signer.sign(&serde_json::json!({"a": 1})).unwrap();
        let again = Keys::open(&folder, "a").unwrap();
        assert!(again.signer.claims(&token).is_some());
        assert_eq!(first.authority.certificate(), again.authority.certificate());
        for entry in fs::read_dir(folder.join("keys")).unwrap() {
            assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
