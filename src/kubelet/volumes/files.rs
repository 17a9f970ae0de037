//! The files of ConfigMaps and Secrets, as a volume shows them.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, KeyToPath, Secret};

use super::order::{File, Files};
use super::volume::inside;
use crate::api::View;
use crate::kubelet::missing::Missing;

/// The mode of a file where nothing sets one.
pub const DEFAULT_MODE: u32 = 0o644;

/// Which keys of an object become files, as volumes and projections ask for them.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The object's namespace.
    pub namespace: &'a str,
    /// The object's name.
    pub name: &'a str,
    /// The keys; all under their own names if there are none.
    pub items: Option<&'a [KeyToPath]>,
    /// The mode of files that have none of their own.
    pub mode: Option<i32>,
    /// Whether object and keys may be missing.
    pub optional: Option<bool>,
}

/// The files of a ConfigMap. <https://kubernetes.io/docs/concepts/storage/volumes/#configmap>
pub fn config_map(view: &View, wanted: Wanted) -> Result<Files, Missing> {
    let found = view.get::<ConfigMap>(wanted.namespace, wanted.name);
    let data = found.map(|map| {
        let text = map.data.iter().flatten().map(|(key, value)| (key.clone(), value.clone().into_bytes()));
        let binary = map.binary_data.iter().flatten().map(|(key, ByteString(value))| (key.clone(), value.clone()));
        text.chain(binary).collect()
    });
    wanted.of("configmap", data)
}

/// The files of a Secret. <https://kubernetes.io/docs/concepts/storage/volumes/#secret>
pub fn secret(view: &View, wanted: Wanted) -> Result<Files, Missing> {
    let found = view.get::<Secret>(wanted.namespace, wanted.name);
    let data =
        found.map(|s| s.data.iter().flatten().map(|(key, ByteString(value))| (key.clone(), value.clone())).collect());
    wanted.of("secret", data)
}

impl Wanted<'_> {
    fn of(&self, kind: &'static str, data: Option<BTreeMap<String, Vec<u8>>>) -> Result<Files, Missing> {
        let (name, optional) = (self.name.to_owned(), self.optional.unwrap_or(false));
        let Some(data) = data else {
            return if optional { Ok(Files::new()) } else { Err(Missing::Object { kind, name }) };
        };
        let default = mode(self.mode).unwrap_or(DEFAULT_MODE);
        let Some(items) = self.items.filter(|items| !items.is_empty()) else {
            let file = |(key, bytes): (String, Vec<u8>)| Ok((inside(&key)?, File::new(default, bytes)));
            return data.into_iter().map(file).collect();
        };
        let mut files = Files::new();
        for item in items {
            match data.get(&item.key) {
                Some(bytes) => {
                    let file = File::new(mode(item.mode).unwrap_or(default), bytes.clone());
                    files.insert(inside(&item.path)?, file);
                }
                None if optional => {}
                None => return Err(Missing::Item { kind, name, key: item.key.clone() }),
            }
        }
        Ok(files)
    }
}

/// The permissions that a manifest asks for, if any.
pub fn mode(mode: Option<i32>) -> Option<u32> {
    mode.and_then(|m| u32::try_from(m).ok()).map(|m| m & 0o777)
}
