//! Makes the bytes of an answer, with as many records as fit.

use hickory_proto::ProtoError;
use hickory_proto::op::Message;
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder};

/// Without EDNS. <https://www.rfc-editor.org/rfc/rfc1035#section-4.2.1>
pub const LEAST: u16 = 512;
/// The OPT record of an answer.
const OPT: u16 = 11;

/// The bytes of a message of at most `limit` bytes. Where records had to go, the truncation bit asks the client to come by
/// TCP; those that can't (musl before 1.2.4) live with what fits.
///
/// # Errors
/// If a name is not valid.
pub fn encode(mut message: Message, limit: u16) -> Result<Vec<u8>, ProtoError> {
    let whole = message.to_vec()?;
    if whole.len() <= usize::from(limit) {
        return Ok(whole);
    }
    // The additional records are only a courtesy: they go first, and nobody need ask again for them.
    message.additionals.clear();
    let opt = message.edns.take();
    let mut bytes = Vec::new();
    let mut encoder = BinEncoder::new(&mut bytes);
    encoder.set_max_size(limit - if opt.is_some() { OPT } else { 0 });
    message.emit(&mut encoder)?;
    if opt.is_none() {
        return Ok(bytes);
    }
    let fitted = Message::from_vec(&bytes).map_err(|_| ProtoError::Message("an answer of our own is not readable"))?;
    message = fitted;
    message.edns = opt;
    message.to_vec()
}
