//! Which images the objects of manifests run.

use std::collections::BTreeMap;

use serde_json::Value;

use super::parse::Manifest;

/// The images that pods of these objects run or mount, each with whether it is to be pulled although the host has it;
/// those that are never pulled are left out.
pub fn images(manifest: &Manifest) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    for source in &manifest.objects {
        // Wherever a kind keeps its pod's specification, it is a map with these lists.
        search(&source.value["spec"], &mut found);
    }
    found
}

fn search(value: &Value, found: &mut BTreeMap<String, bool>) {
    let Some(map) = value.as_object() else { return };
    for (name, value) in map {
        let items = value.as_array().into_iter().flatten();
        match name.as_str() {
            "containers" | "initContainers" => items.for_each(|c| add(&c["image"], &c["imagePullPolicy"], found)),
            "volumes" => items.for_each(|v| add(&v["image"]["reference"], &v["image"]["pullPolicy"], found)),
            _ => search(value, found),
        }
    }
}

fn add(image: &Value, policy: &Value, found: &mut BTreeMap<String, bool>) {
    if let Some(image) = image.as_str().filter(|_| policy != "Never") {
        *found.entry(image.to_owned()).or_default() |= policy == "Always";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Files, Options, Text, parse};

    #[test]
    fn images_are_found_in_pods_and_templates() {
        let text = "apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  initContainers: [{name: i, image: 'init:1'}, {name: n, image: 'never:1', imagePullPolicy: Never}]
  containers: [{name: c, image: 'app:1'}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: b}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers: [{name: c, image: 'app:1', imagePullPolicy: Always}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {image: 'no:1'}
";
        let text = Text { name: "app.yaml".to_owned(), text: text.to_owned() };
        let options = Options { namespace: "default".to_owned(), allow_unsupported: false };
        let found = images(&parse(&Files { texts: vec![text], problems: Vec::new() }, &options));
        assert_eq!(found, [("app:1".to_owned(), true), ("init:1".to_owned(), false)].into());
    }
}
