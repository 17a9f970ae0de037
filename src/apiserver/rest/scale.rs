//! The scale subresource: an `autoscaling/v1` Scale read from and written to `spec.replicas`. Pure.
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/scale-v1/>

use serde_json::{Value, json};

use super::server::Rest;
use crate::api::Key;
use crate::api::labels::Labels;
use crate::apiserver::Error;

impl Rest {
    /// The Scale of an object.
    ///
    /// # Errors
    /// [`Error::NotFound`], or if the store fails.
    pub fn scale(&self, key: &Key) -> Result<Value, Error> {
        self.get(key).map(|object| of(&object))
    }
}

/// The Scale of an object.
pub(super) fn of(object: &Value) -> Value {
    let metadata = &object["metadata"];
    let mut scale = json!({
        "apiVersion": "autoscaling/v1",
        "kind": "Scale",
        "metadata": {},
        "spec": {"replicas": object["spec"]["replicas"].as_i64().unwrap_or(1)},
        "status": {
            "replicas": object["status"]["replicas"].as_i64().unwrap_or(0),
            "selector": selector(&object["spec"]["selector"]),
        },
    });
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        scale["metadata"][field] = metadata[field].clone();
    }
    scale
}

/// The object with the replicas and the precondition of a Scale.
pub(super) fn replace(object: &Value, scale: &Value) -> Result<Value, String> {
    let replicas = match &scale["spec"]["replicas"] {
        Value::Null => 0,
        given => given.as_i64().ok_or_else(|| format!("spec.replicas of the Scale is not a number: {given}"))?,
    };
    let mut object = object.clone();
    object["spec"]["replicas"] = replicas.into();
    if let Some(revision) = scale["metadata"]["resourceVersion"].as_str().filter(|r| !r.is_empty()) {
        object["metadata"]["resourceVersion"] = revision.into();
    }
    Ok(object)
}

/// A label selector in the form of `-l`.
fn selector(selector: &Value) -> String {
    // That of a ReplicationController is labels alone.
    let structured = ["matchLabels", "matchExpressions"].iter().any(|field| !selector[field].is_null());
    let labels = if structured { &selector["matchLabels"] } else { selector };
    let pairs = serde_json::from_value::<Labels>(labels.clone()).unwrap_or_default();
    let pairs = pairs.into_iter().map(|(k, v)| format!("{k}={v}"));
    let terms = selector["matchExpressions"].as_array().into_iter().flatten().map(|term| {
        let key = term["key"].as_str().unwrap_or_default();
        let values = term["values"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let values = values.collect::<Vec<_>>().join(",");
        match term["operator"].as_str() {
            Some("In") => format!("{key} in ({values})"),
            Some("NotIn") => format!("{key} notin ({values})"),
            Some("DoesNotExist") => format!("!{key}"),
            _ => key.to_owned(),
        }
    });
    pairs.chain(terms).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_told_in_the_form_of_arguments() {
        let told = |selector: Value| of(&json!({"spec": {"selector": selector}}))["status"]["selector"].clone();
        assert_eq!(told(json!({"app": "old", "tier": "back"})), "app=old,tier=back");
        let given = json!({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "In", "values": ["a", "b"]}]});
        assert_eq!(told(given), "app=web,tier in (a,b)");
        assert_eq!(told(json!({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]})), "!tier");
    }
}
