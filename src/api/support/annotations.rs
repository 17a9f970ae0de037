//! Annotations that other ingress controllers take orders from.

use serde_json::Value;

use super::Unsupported;

/// The prefix of ingress-nginx's settings. <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>
const INGRESS_NGINX: &str = "nginx.ingress.kubernetes.io/";

/// ingress-nginx's settings on an Ingress: a snippet of raw configuration is refused, any other one has no effect yet.
pub(super) fn check(object: &Value) -> Vec<Unsupported> {
    let annotations = object["metadata"]["annotations"].as_object();
    let names = annotations.into_iter().flatten().map(|(name, _)| name).filter(|name| name.starts_with(INGRESS_NGINX));
    names
        .map(|name| {
            let refused = name.ends_with("-snippet");
            let message = if refused {
                "is not honoured: raw nginx configuration would reach every site of the node"
            } else {
                "has no effect yet"
            };
            Unsupported { path: format!("metadata.annotations[{name}]"), message: message.to_owned(), refused }
        })
        .collect()
}
