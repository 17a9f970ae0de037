//! What a field holds.

use std::collections::BTreeMap;

/// The shape of a value: a struct with known fields, a collection, or a scalar as Kubernetes writes it in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schema {
    /// An object with these fields and no others.
    Struct {
        /// The Kubernetes name of the type, such as `PodSpec`.
        name: &'static str,
        /// The fields by their JSON names.
        fields: BTreeMap<&'static str, Schema>,
    },
    /// A list of items of one shape.
    List(Box<Schema>),
    /// An object whose keys are data, such as labels.
    Map(Box<Schema>),
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A number or a name, such as a port. <https://kubernetes.io/docs/reference/using-api/api-concepts/>
    IntOrString,
    /// A quantity such as `500m`, as text or as a number.
    Quantity,
    /// A time in RFC 3339.
    Time,
    /// Bytes in base64.
    Bytes,
    /// Any JSON.
    Any,
}

impl Schema {
    /// What to write here, in words: "a string", "a list".
    #[must_use]
    pub fn wanted(&self) -> &'static str {
        match self {
            Self::Struct { .. } | Self::Map(_) => "an object",
            Self::List(_) => "a list",
            Self::String => "a string",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::IntOrString => "a whole number or a string",
            Self::Quantity => "a quantity such as 500m or 64Mi",
            Self::Time => "a time such as 2026-01-31T12:00:00Z",
            Self::Bytes => "bytes in base64",
            Self::Any => "anything",
        }
    }
}
