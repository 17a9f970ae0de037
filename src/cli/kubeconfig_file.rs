//! kubectl's configuration file: read, one context put in or taken out, and written where only its owner reads it.
//! <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/>

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::error::Error;

/// The lists of a file in which a context has an entry.
const LISTS: [&str; 3] = ["clusters", "users", "contexts"];

/// A context with its cluster and user, which all have one name.
pub struct Entry<'a> {
    /// The name.
    pub name: &'a str,
    /// The namespace of what is named without one.
    pub namespace: &'a str,
    /// The API's address: `https://127.0.0.1:6443`.
    pub server: String,
    /// The authority's certificate, PEM in base64.
    pub authority: String,
    /// The client's certificate, PEM in base64.
    pub certificate: String,
    /// The client's key, PEM in base64.
    pub key: String,
    /// The name that the server's certificate is good for, where it is not good for the address.
    pub name_of_server: Option<&'a str>,
}

/// The content of a file.
pub struct File(Value);

impl Default for File {
    fn default() -> Self {
        Self(json!({"apiVersion": "v1", "kind": "Config", "clusters": [], "users": [], "contexts": []}))
    }
}

impl File {
    /// The file: the one that is named, the first of `KUBECONFIG`, or that in the home directory.
    ///
    /// # Errors
    /// Without a home directory.
    pub fn path(named: Option<&Path>) -> Result<PathBuf, Error> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        if let Some(path) = named {
            return Ok(path.to_owned());
        }
        let listed = set("KUBECONFIG").and_then(|all| std::env::split_paths(&all).find(|p| !p.as_os_str().is_empty()));
        let home = || set("HOME").map(|home| PathBuf::from(home).join(".kube/config"));
        listed.or_else(home).ok_or_else(|| Error::user("there is no home directory: name the file with --file"))
    }

    /// Reads a file; one that is not there is empty.
    ///
    /// # Errors
    /// If it can't be read, or is no kubeconfig.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed =
            |e: &(dyn std::error::Error + 'static)| Error::user(format!("can't read {}", path.display())).because(e);
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            read => read.map_err(|e| failed(&e))?,
        };
        let mut value: Value = serde_yaml::from_str(&text).map_err(|e| failed(&e))?;
        if value.is_null() {
            return Ok(Self::default());
        }
        let lists = LISTS.iter().all(|list| value[*list].is_array() || value[*list].is_null());
        if !value.is_object() || !lists {
            return Err(Error::user(format!("{} is not a kubeconfig", path.display())));
        }
        for list in LISTS.iter().filter(|list| value[**list].is_null()).collect::<Vec<_>>() {
            value[*list] = json!([]);
        }
        Ok(Self(value))
    }

    /// Puts a context in, in the place of one of its name, and makes it the current one.
    pub fn put(&mut self, entry: &Entry<'_>) {
        self.remove(entry.name);
        let name = entry.name;
        let mut cluster = json!({"server": entry.server, "certificate-authority-data": entry.authority});
        if let Some(name) = entry.name_of_server {
            cluster["tls-server-name"] = name.into();
        }
        let user = json!({"client-certificate-data": entry.certificate, "client-key-data": entry.key});
        let context = json!({"cluster": name, "user": name, "namespace": entry.namespace});
        for (list, item) in LISTS.iter().zip([
            json!({"name": name, "cluster": cluster}),
            json!({"name": name, "user": user}),
            json!({"name": name, "context": context}),
        ]) {
            if let Some(items) = self.0[*list].as_array_mut() {
                items.push(item);
            }
        }
        self.0["current-context"] = name.into();
    }

    /// Takes a context out, with its cluster and user; whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        let mut found = false;
        for list in LISTS {
            if let Some(items) = self.0[list].as_array_mut() {
                let before = items.len();
                items.retain(|item| item["name"] != name);
                found |= items.len() != before;
            }
        }
        if self.0["current-context"] == name {
            self.0["current-context"] = "".into();
        }
        found
    }

    /// The file as YAML.
    ///
    /// # Errors
    /// Never for what was read or made here.
    pub fn text(&self) -> Result<String, Error> {
        serde_yaml::to_string(&self.0).map_err(|e| Error::user("can't write the context").because(&e))
    }

    /// Writes the file with mode 0600, whole or not at all.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let text = self.text()?;
        // What a link leads to is replaced, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let write = || {
            if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let mut new = path.clone().into_os_string();
            new.push(format!(".wharf-{}", std::process::id()));
            let mut file = fs::OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(|e| Error::user(format!("can't write {}", path.display())).because(&e))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn entry(name: &str) -> Entry<'_> {
        let word = |text: &str| text.to_owned();
        Entry {
            name,
            namespace: "shop",
            server: word("https://127.0.0.1:6443"),
            authority: word("QQ=="),
            certificate: word("Qg=="),
            key: word("Qw=="),
            name_of_server: None,
        }
    }

    #[test]
    fn a_context_is_merged_and_taken_out_again() {
        let folder = std::env::temp_dir().join(format!("wharf-kubeconfig-{}", std::process::id()));
        let path = folder.join("config");
        let mut file = File::read(&path).unwrap();
        file.put(&entry("other"));
        file.put(&entry("wharf"));
        file.put(&entry("wharf"));
        file.write(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let mut read = File::read(&path).unwrap();
        assert_eq!((read.0["contexts"].as_array().unwrap().len(), &read.0["current-context"]), (2, &json!("wharf")));
        assert!(read.remove("wharf") && !read.remove("wharf"));
        assert_eq!(read.0["users"].as_array().unwrap().len(), 1);
        fs::write(&path, "- 1\n").unwrap();
        assert!(File::read(&path).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
