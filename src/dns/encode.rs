//! Makes the bytes of an answer, with as many records as fit.

use hickory_proto::ProtoError;
use hickory_proto::op::Message;

/// Without EDNS. <https://www.rfc-editor.org/rfc/rfc1035#section-4.2.1>
pub const LEAST: u16 = 512;

/// The bytes of a message of at most `limit` bytes. Where records had to go, the truncation bit asks the client to come by
/// TCP; those that can't (musl before 1.2.4) live with what fits.
///
/// # Errors
/// If a name is not valid.
pub fn encode(mut message: Message, limit: u16) -> Result<Vec<u8>, ProtoError> {
    let limit = usize::from(limit);
    let whole = message.to_vec()?;
    if whole.len() <= limit {
        return Ok(whole);
    }
    // The additional records are only a courtesy: they go first, and nobody need ask again for them.
    message.additionals.clear();
    let without = message.to_vec()?;
    if without.len() <= limit {
        return Ok(without);
    }
    message.metadata.truncation = true;
    let answers = std::mem::take(&mut message.answers);
    let mut best = message.to_vec()?;
    // The encoder's own limit leaves out records that would fit, as it counts names before it shortens them.
    let (mut fit, mut end) = (0, answers.len());
    while fit + 1 < end {
        let middle = usize::midpoint(fit, end);
        message.answers = answers[..middle].to_vec();
        let bytes = message.to_vec()?;
        if bytes.len() <= limit {
            (fit, best) = (middle, bytes);
        } else {
            end = middle;
        }
    }
    Ok(best)
}
