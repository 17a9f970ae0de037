//! Asks the API for the tokens that volumes hold.
//! <https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/>

use std::sync::Arc;

use k8s_openapi::api::core::v1::ServiceAccount;
use serde_json::{Value, json};

use super::volumes::{Ask, Token, TokenRequest};
use crate::api::{Key, Kind, Timestamp};
use crate::client::Client;

/// What asks this API.
pub fn ask(client: &Client) -> Ask {
    let client = client.clone();
    Arc::new(move |request| {
        let client = client.clone();
        Box::pin(async move {
            let account = Key::new(Kind::of::<ServiceAccount>(), &request.namespace, &request.account);
            let issued = Timestamp::now();
            let answer = client.token(&account, body(&request)).await.map_err(|e| e.to_string())?;
            read(&answer, issued)
        })
    })
}

fn body(request: &TokenRequest) -> Value {
    let audiences = Some(&request.audience).filter(|a| !a.is_empty()).into_iter().collect::<Vec<_>>();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "name": request.pod, "uid": request.uid});
    let spec = json!({"audiences": audiences, "expirationSeconds": request.seconds, "boundObjectRef": pod});
    json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec})
}

fn read(answer: &Value, issued: Timestamp) -> Result<Token, String> {
    let text = |field: &str| answer["status"][field].as_str().filter(|text| !text.is_empty());
    let expires = text("expirationTimestamp").and_then(|t| t.parse().ok());
    match (text("token"), expires) {
        (Some(token), Some(expires)) => Ok(Token { text: token.to_owned(), issued, expires }),
        _ => Err("the API answered without a token".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_bound_to_the_pod() {
        let request = |audience: &str| TokenRequest {
            namespace: "shop".to_owned(),
            account: "robot".to_owned(),
            pod: "web".to_owned(),
            uid: "u1".to_owned(),
            audience: audience.to_owned(),
            seconds: 3607,
        };
        insta::assert_snapshot!(body(&request("vault"))["spec"], @r#"{"audiences":["vault"],"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"web","uid":"u1"},"expirationSeconds":3607}"#);
        assert_eq!(body(&request(""))["spec"]["audiences"], json!([]), "the API itself");
    }

    #[test]
    fn an_answer_without_a_token_is_none() {
        let answer = json!({"status": {"token": "x.y.z", "expirationTimestamp": "2026-01-01T01:00:00Z"}});
        let token = read(&answer, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((token.text.as_str(), token.expires.to_string()), ("x.y.z", "2026-01-01T01:00:00Z".to_owned()));
        assert!(read(&json!({"status": {"token": ""}}), Timestamp::UNIX_EPOCH).is_err());
    }
}
