//! The files of ConfigMaps and Secrets, as a volume shows them.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{ConfigMap, ConfigMapVolumeSource, KeyToPath, Secret, SecretVolumeSource};

use super::volume::{File, Files, Missing, inside};
use crate::api::View;

/// The files of a ConfigMap. <https://kubernetes.io/docs/concepts/storage/volumes/#configmap>
pub fn config_map(view: &View, namespace: &str, wanted: &ConfigMapVolumeSource) -> Result<Files, Missing> {
    let found = view.get::<ConfigMap>(namespace, &wanted.name);
    let data = found.map(|map| {
        let text = map.data.iter().flatten().map(|(key, value)| (key.clone(), value.clone().into_bytes()));
        let binary = map.binary_data.iter().flatten().map(|(key, ByteString(value))| (key.clone(), value.clone()));
        text.chain(binary).collect()
    });
    let chosen = Chosen { items: wanted.items.as_deref(), mode: wanted.default_mode, optional: wanted.optional };
    chosen.of("configmap", &wanted.name, data)
}

/// The files of a Secret. <https://kubernetes.io/docs/concepts/storage/volumes/#secret>
pub fn secret(view: &View, namespace: &str, wanted: &SecretVolumeSource) -> Result<Files, Missing> {
    let name = wanted.secret_name.as_deref().unwrap_or_default();
    let found = view.get::<Secret>(namespace, name);
    let data =
        found.map(|s| s.data.iter().flatten().map(|(key, ByteString(value))| (key.clone(), value.clone())).collect());
    let chosen = Chosen { items: wanted.items.as_deref(), mode: wanted.default_mode, optional: wanted.optional };
    chosen.of("secret", name, data)
}

struct Chosen<'a> {
    items: Option<&'a [KeyToPath]>,
    mode: Option<i32>,
    optional: Option<bool>,
}

impl Chosen<'_> {
    fn of(&self, kind: &'static str, name: &str, data: Option<BTreeMap<String, Vec<u8>>>) -> Result<Files, Missing> {
        let optional = self.optional.unwrap_or(false);
        let Some(data) = data else {
            let missing = Missing::Object { kind, name: name.to_owned() };
            return if optional { Ok(Files::new()) } else { Err(missing) };
        };
        let default = mode(self.mode).unwrap_or(0o644);
        let Some(items) = self.items.filter(|items| !items.is_empty()) else {
            let file = |(key, bytes): (String, _)| Ok((inside(&key)?, File { mode: default, bytes }));
            return data.into_iter().map(file).collect();
        };
        let mut files = Files::new();
        for item in items {
            match data.get(&item.key) {
                Some(bytes) => {
                    let file = File { mode: mode(item.mode).unwrap_or(default), bytes: bytes.clone() };
                    files.insert(inside(&item.path)?, file);
                }
                None if optional => {}
                None => return Err(Missing::Key { kind, name: name.to_owned(), key: item.key.clone() }),
            }
        }
        Ok(files)
    }
}

fn mode(mode: Option<i32>) -> Option<u32> {
    mode.and_then(|m| u32::try_from(m).ok()).map(|m| m & 0o777)
}
