//! Certificates for clients, which only members of `system:masters` may ask for: `wharf kubeconfig` does.

use serde_json::{Value, json};

use super::Api;
use crate::api::Timestamp;
use crate::apiserver::Error;

impl Api {
    /// A certificate and its key for the user and the group that the request names, with the authority's own.
    pub(super) fn certificate(&self, request: &Value) -> Result<Value, Error> {
        let unavailable = |why: &dyn std::fmt::Display| Error::Unavailable(why.to_string());
        let authority = self.authority.as_ref().ok_or_else(|| unavailable(&"the node has no certificate authority"))?;
        let name = request["user"].as_str().filter(|n| !n.is_empty());
        let name = name.ok_or_else(|| Error::BadRequest("user: Required value".into()))?;
        let group = request["group"].as_str().unwrap_or_default();
        let pair = authority.client(name, group, Timestamp::now()).map_err(|e| unavailable(&e))?;
        Ok(json!({"certificate": pair.certificate, "key": pair.key, "authority": authority.certificate()}))
    }
}
