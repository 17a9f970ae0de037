//! What a Secret means where it says nothing.

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;

use super::text;

/// `stringData` is only ever written: it goes into `data`, over what is there.
pub fn secret(secret: &mut Secret) {
    let plain = secret.string_data.take().unwrap_or_default();
    for (key, value) in plain {
        secret.data.get_or_insert_default().insert(key, ByteString(value.into_bytes()));
    }
    text(&mut secret.type_, "Opaque");
}
