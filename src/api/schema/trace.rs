//! Reads a type's shape out of its own `Deserialize`: it is offered every field in turn, and what it asks for is noted.
//!
//! k8s-openapi's types call `deserialize_struct` with all their JSON names, so nothing has to be written down twice.

use std::collections::BTreeMap;

use serde::de::value::Error;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Expected, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};

use super::Schema;
use crate::api::KINDS;

/// The text that every string field is offered: a time, because the types that parse their text are the times.
const TEXT: &str = "1970-01-01T00:00:00Z";
/// Deeper than any type of a row in [`KINDS`]: none of them contains itself.
const DEEPEST: usize = 40;

impl Schema {
    /// The shape of a type.
    ///
    /// # Panics
    /// If the type's `Deserialize` is not one of k8s-openapi's, or contains itself: a broken invariant of the table.
    #[must_use]
    pub fn of<T: DeserializeOwned>() -> Self {
        let mut schema = Self::Any;
        let traced = T::deserialize(Tracer::new(&mut schema, 0));
        assert!(traced.is_ok(), "{:?} in {schema:?}", traced.err());
        schema
    }
}

/// Notes what a type asks for.
struct Tracer<'a> {
    found: &'a mut Schema,
    depth: usize,
}

impl<'a> Tracer<'a> {
    fn new(found: &'a mut Schema, depth: usize) -> Self {
        assert!(depth < DEEPEST, "a type that contains itself has no finite schema");
        Self { found, depth }
    }
}

/// The methods in which a scalar is asked for: what is noted, and what it gets.
macro_rules! scalars {
    ($($method:ident => $schema:expr, $visit:ident($value:expr);)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            *self.found = $schema;
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Tracer<'_> {
    type Error = Error;

    scalars! {
        deserialize_bool => Schema::Boolean, visit_bool(false);
        deserialize_i8 => Schema::Integer, visit_i8(0);
        deserialize_i16 => Schema::Integer, visit_i16(0);
        deserialize_i32 => Schema::Integer, visit_i32(0);
        deserialize_i64 => Schema::Integer, visit_i64(0);
        deserialize_u8 => Schema::Integer, visit_u8(0);
        deserialize_u16 => Schema::Integer, visit_u16(0);
        deserialize_u32 => Schema::Integer, visit_u32(0);
        deserialize_u64 => Schema::Integer, visit_u64(0);
        deserialize_f32 => Schema::Number, visit_f32(0.0);
        deserialize_f64 => Schema::Number, visit_f64(0.0);
        deserialize_char => Schema::String, visit_char('x');
        deserialize_str => Schema::String, visit_str(TEXT);
        deserialize_string => Schema::String, visit_str(TEXT);
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let expected: &dyn Expected = &visitor;
        *self.found = if expected.to_string() == "IntOrString" { Schema::IntOrString } else { Schema::Any };
        visitor.visit_str(TEXT)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let expected: &dyn Expected = &visitor;
        if expected.to_string() == "a base64-encoded string" {
            *self.found = Schema::Bytes;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Error> {
        let mut inner = Schema::Any;
        let value = visitor.visit_newtype_struct(Tracer::new(&mut inner, self.depth + 1));
        *self.found = match name {
            "Quantity" => Schema::Quantity,
            "Time" | "MicroTime" => Schema::Time,
            _ => inner,
        };
        value
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut item = Schema::Any;
        let value = visitor.visit_seq(Once(Some(Tracer::new(&mut item, self.depth + 1))));
        *self.found = Schema::List(Box::new(item));
        value
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut item = Schema::Any;
        let value = visitor.visit_map(Once(Some(Tracer::new(&mut item, self.depth + 1))));
        *self.found = Schema::Map(Box::new(item));
        value
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut found = BTreeMap::new();
        let value =
            visitor.visit_map(Fields { name, rest: fields.iter(), found: &mut found, current: "", depth: self.depth });
        *self.found = Schema::Struct { name, fields: found };
        value
    }

    serde::forward_to_deserialize_any! {
        bytes byte_buf unit unit_struct tuple tuple_struct enum identifier ignored_any
    }
}

/// A list of one item, and a map of one pair.
struct Once<'a>(Option<Tracer<'a>>);

impl<'de> SeqAccess<'de> for Once<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.take().map(|item| seed.deserialize(item)).transpose()
    }
}

impl<'de> MapAccess<'de> for Once<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.0.is_some().then(|| seed.deserialize("key".into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let item = self.0.take().ok_or_else(|| serde::de::Error::custom("a value without a key"))?;
        seed.deserialize(item)
    }
}

/// Every field of a struct, one after the other.
struct Fields<'a> {
    name: &'static str,
    rest: std::slice::Iter<'static, &'static str>,
    found: &'a mut BTreeMap<&'static str, Schema>,
    current: &'static str,
    depth: usize,
}

impl Fields<'_> {
    /// An object refuses an `apiVersion` and `kind` that are not its own.
    fn constant(&self) -> Option<String> {
        let row = KINDS.iter().find(|k| k.kind == self.name)?;
        match self.current {
            "apiVersion" => Some(row.api_version()),
            "kind" => Some(row.kind.to_owned()),
            _ => None,
        }
    }
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(field) = self.rest.next() else { return Ok(None) };
        self.current = field;
        seed.deserialize(field.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let mut found = Schema::String;
        let value = match self.constant() {
            Some(text) => seed.deserialize(text.into_deserializer()),
            None => seed.deserialize(Tracer::new(&mut found, self.depth + 1)),
        };
        self.found.insert(self.current, found);
        value
    }
}
