//! The API over TLS at the node's address, for pods and for the host's kubectl. A node without it goes on: its own
//! socket and its pods do not need it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Service;
use k8s_openapi::jiff::Timestamp;

use super::own_service::{NAME, PORT};
use crate::api::names::CLUSTER_DOMAIN;
use crate::api::{Plan, Ranges};
use crate::apiserver::access::Authority;
use crate::apiserver::http;
use crate::client::{Client, Informer, apply};

/// How long until an address that could not be had is tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// Listens for as long as the agent runs. What is in the way is logged and told as an event of the Service `kubernetes`,
/// and tried again.
pub async fn run(client: Client, informer: Informer, authority: Arc<Authority>, ranges: Ranges, api: http::Api) {
    loop {
        let Err(error) = listen(&authority, &ranges, api.clone()).await else { return };
        let told = plan(informer.view().get::<Service>("default", NAME), &error.to_string());
        tracing::warn!(%error, "the API is not served over TLS");
        if let Some(error) = apply(&client, "wharf", &told, Timestamp::now()).await.error {
            tracing::warn!(%error, "event lost");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Under the names by which pods and the host's kubectl know it.
async fn listen(authority: &Authority, ranges: &Ranges, api: http::Api) -> Result<(), http::TlsError> {
    let service = format!("{NAME}.default.svc.{CLUSTER_DOMAIN}");
    let names = [NAME, "kubernetes.default", "kubernetes.default.svc", &service, "localhost"];
    let addresses = [ranges.services.at(1), ranges.node, Ipv4Addr::LOCALHOST].map(IpAddr::V4);
    let pair = authority.server(&names.map(str::to_owned), &addresses, Timestamp::now());
    let pair = pair.map_err(|e| http::TlsError::Certificate(e.to_string()))?;
    let settings = http::settings(&pair, authority.certificate())?;
    http::listen_tls(SocketAddr::from((ranges.node, PORT)), settings, api).await
}

/// What is told of a listener that failed; nothing while there is no Service to tell it of.
fn plan(service: Option<&Service>, why: &str) -> Plan {
    let mut plan = Plan::nothing();
    if let Some(service) = service {
        plan.warn(service, "FailedToListen", format!("the API is not served over TLS: {why}"));
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_that_failed_is_told_of_its_service() {
        let service: Service = serde_json::from_value(serde_json::json!({
            "metadata": {"name": "kubernetes", "namespace": "default", "uid": "u"},
        }))
        .unwrap();
        insta::assert_snapshot!(plan(Some(&service), "the address is in use"), @"warn Service default/kubernetes FailedToListen: the API is not served over TLS: the address is in use");
        assert_eq!(plan(None, "the address is in use").to_string(), "");
    }
}
