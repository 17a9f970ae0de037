//! What RBAC is asked for a request. Pure.
//! <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb>

use hyper::Method;

use super::path::Route;
use super::query::Query;
use super::usage;
use crate::api::rbac::Asked;

/// The streams of a pod, which take the right to create them whatever the method: a WebSocket opens with GET.
const STREAMS: [&str; 4] = ["exec", "attach", "portforward", "proxy"];

/// What a request asks for.
pub fn asked(method: &Method, path: &str, route: &Route, query: &Query) -> Asked {
    match route {
        Route::Objects(kind, namespace) => {
            let verb = match *method {
                Method::POST => "create",
                Method::DELETE => "deletecollection",
                _ if query.is("watch") => "watch",
                _ => "list",
            };
            let name = query.text("fieldSelector").and_then(one_name).unwrap_or_default();
            Asked::resource(verb, kind.group, kind.plural, namespace.as_deref().unwrap_or_default(), name)
        }
        Route::Object(key, part) => {
            let verb = match *method {
                _ if STREAMS.contains(&part.as_str()) && key.kind.kind == "Pod" => "create",
                Method::POST => "create",
                Method::PUT => "update",
                Method::PATCH => "patch",
                Method::DELETE => "delete",
                _ if query.is("watch") => "watch",
                _ => "get",
            };
            let resource =
                if part.is_empty() { key.kind.plural.to_owned() } else { format!("{}/{part}", key.kind.plural) };
            // A namespace is in itself, so that its admin may see it.
            let namespace = if key.kind.kind == "Namespace" { &key.name } else { &key.namespace };
            Asked::resource(verb, key.kind.group, &resource, namespace, &key.name)
        }
        Route::Review(review, namespace) => {
            let (group, resource) = review.resource();
            Asked::resource("create", group, resource, namespace.as_deref().unwrap_or_default(), "")
        }
        Route::Usage(used) => {
            let verb = if used.name.is_some() { "get" } else { "list" };
            let plural = if used.pods { "pods" } else { "nodes" };
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            Asked::resource(verb, usage::GROUP, plural, &text(&used.namespace), &text(&used.name))
        }
        _ => Asked::path(method.as_str(), path),
    }
}

/// The name that a field selector asks for, if it asks for one alone.
fn one_name(selector: &str) -> Option<&str> {
    let name = selector.strip_prefix("metadata.name=")?;
    let name = name.strip_prefix('=').unwrap_or(name);
    (!name.contains([',', '='])).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::path::parse;
    use super::*;

    fn read(method: &Method, uri: &str) -> String {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let asked = asked(method, path, &parse(path).unwrap(), &Query::of(query));
        asked.refusal(&crate::api::rbac::User::authenticated("u", []))
    }

    #[test]
    fn methods_and_paths_are_verbs_and_resources() {
        let pods = "/api/v1/namespaces/shop/pods";
        for (method, uri, words) in [
            (Method::GET, format!("{pods}?limit=5"), "cannot list resource \"pods\""),
            (Method::GET, format!("{pods}?watch=1"), "cannot watch resource \"pods\""),
            (
                Method::GET,
                format!("{pods}?fieldSelector=metadata.name%3Da"),
                "pods \"a\" is forbidden: User \"u\" cannot list",
            ),
            (Method::DELETE, pods.to_owned(), "cannot deletecollection resource \"pods\""),
            (Method::GET, format!("{pods}/a/log"), "cannot get resource \"pods/log\""),
            (Method::GET, format!("{pods}/a/exec?command=sh"), "cannot create resource \"pods/exec\""),
            (
                Method::PATCH,
                "/apis/apps/v1/namespaces/shop/deployments/web/scale".into(),
                "cannot patch resource \"deployments/scale\"",
            ),
            (Method::GET, "/api/v1/namespaces/shop".into(), "in the namespace \"shop\""),
            (Method::GET, "/api/v1/nodes".into(), "at the cluster scope"),
            (Method::GET, "/apis/apps/v1".into(), "cannot get path \"/apis/apps/v1\""),
            (
                Method::POST,
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews".into(),
                "cannot create resource \"selfsubjectaccessreviews\"",
            ),
        ] {
            let told = read(&method, &uri);
            assert!(told.contains(words), "{method} {uri}: {told}");
        }
    }
}
