//! What Kubernetes refuses in a ConfigMap.

use k8s_openapi::api::core::v1::ConfigMap;

use super::{data, meta, name};
use crate::api::Problem;

/// The problems of a config map.
pub fn config_map(map: &ConfigMap, old: Option<&ConfigMap>) -> Vec<Problem> {
    let mut problems = meta::meta(&map.metadata, name::subdomain);
    let texts = map.data.iter().flatten();
    let binaries = map.binary_data.iter().flatten();
    problems.extend(data::keys("data", texts.clone().map(|(k, _)| k)));
    problems.extend(data::keys("binaryData", binaries.clone().map(|(k, _)| k)));
    for (key, _) in binaries.clone().filter(|(k, _)| map.data.as_ref().is_some_and(|d| d.contains_key(*k))) {
        let message = format!("{key:?}: duplicate of key present in data");
        problems.push(Problem::invalid(format!("binaryData[{key}]"), message));
    }
    let bytes = texts.map(|(_, v)| v.len()).sum::<usize>() + binaries.map(|(_, v)| v.0.len()).sum::<usize>();
    problems.extend(data::size("data", bytes));
    if let Some(old) = old {
        let fixed = old.immutable == Some(true);
        problems.extend(data::frozen("immutable", fixed, &map.immutable, &old.immutable));
        problems.extend(data::frozen("data", fixed, &map.data, &old.data));
        problems.extend(data::frozen("binaryData", fixed, &map.binary_data, &old.binary_data));
    }
    problems
}
