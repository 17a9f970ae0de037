//! The requests of lifecycle hooks, which are those of probes but for what they make of the answer.
//! <https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-implementations>

use k8s_openapi::api::core::v1::{Container, HTTPGetAction};

use super::action::http;
use super::get::{Get, Scheme};
use super::http::{NO_TLS, get};

/// Asks the web server that a hook of this container names; any answer will do. It has no bound in time.
///
/// # Errors
/// Why there was no answer, in Kubernetes' words.
pub async fn http_hook(action: &HTTPGetAction, container: &Container, pod_ip: &str) -> Result<(), String> {
    let request = http(action, container, pod_ip, "kube-lifecycle/1.36")?;
    match get(&request).await {
        // The kubelet asks once more in the clear, and then keeps what only TLS may carry to itself.
        Err(why) if request.scheme == Scheme::Https && why.contains(NO_TLS) => {
            let mut headers = request.headers;
            headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
            get(&Get { scheme: Scheme::Http, headers, ..request }).await.map(drop)
        }
        other => other.map(drop),
    }
}
