//! Looks a question up in the zone, or says that it is for others.

use std::net::Ipv4Addr;

use hickory_proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME, PTR, SOA, SRV};
use hickory_proto::rr::{DNSClass, Name, RData, Record as Answered, RecordType};

use super::zone::{DOMAIN, Record, TTL, Zone};

/// What wharf takes and sends in one datagram: no fragments on any usual network. <https://www.dnsflagday.net/2020/>
pub const PAYLOAD: u16 = 1232;
/// How many names in a row may be other names' names.
const CHAIN: usize = 8;

/// What to do about a question.
#[derive(Clone, Debug)]
pub enum Answer {
    /// This is the answer.
    Here(Message),
    /// Others know.
    Forward,
    /// This is the answer's beginning; others know the rest under this name.
    Chase(Message, Name),
}

/// Answers a question. Names of the cluster are never refused and never fail: that would cost a musl client 5 s.
pub fn answer(zone: &Zone, query: &Message) -> Answer {
    let mut reply = response(query);
    let [question] = &query.queries[..] else { return failed(reply, ResponseCode::FormErr) };
    if query.metadata.op_code != OpCode::Query || question.query_class != DNSClass::IN {
        return failed(reply, ResponseCode::NotImp);
    }
    let name = plain(&question.name);
    if let Some(address) = reversed(&name).filter(|address| zone.subnet.contains(*address)) {
        answer_address(zone, &mut reply, question, address);
        return Answer::Here(reply);
    }
    if !is_ours(&name) {
        return Answer::Forward;
    }
    reply.metadata.authoritative = true;
    answer_name(zone, reply, question, name)
}

/// A response to a query, still without an answer.
pub fn response(query: &Message) -> Message {
    let mut reply = Message::response(query.metadata.id, query.metadata.op_code);
    reply.metadata.recursion_desired = query.metadata.recursion_desired;
    reply.metadata.recursion_available = true;
    reply.queries.clone_from(&query.queries);
    if query.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(PAYLOAD);
        reply.edns = Some(edns);
    }
    reply
}

/// The cluster's names, and names of one label: no server outside can know those.
fn is_ours(name: &str) -> bool {
    let under = name.strip_suffix(DOMAIN).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    under || !(name.is_empty() || name.contains('.'))
}

fn failed(mut reply: Message, code: ResponseCode) -> Answer {
    reply.metadata.response_code = code;
    Answer::Here(reply)
}

fn answer_name(zone: &Zone, mut reply: Message, question: &Query, name: String) -> Answer {
    let (mut owner, mut name) = (question.name.clone(), name);
    for _ in 0..CHAIN {
        let Some(records) = zone.names.get(&name) else {
            reply.metadata.response_code = ResponseCode::NXDomain;
            break;
        };
        let alias = records.iter().find_map(|r| if let Record::Cname(target) = r { Some(target) } else { None });
        let Some(target) = alias else {
            add_records(zone, &mut reply, question.query_type, &owner, records);
            break;
        };
        let Ok(target_name) = absolute(target) else { break };
        reply.answers.push(Answered::from_rdata(owner, TTL, RData::CNAME(CNAME(target_name.clone()))));
        if question.query_type == RecordType::CNAME {
            break;
        }
        if !is_ours(target) {
            return Answer::Chase(reply, target_name);
        }
        (owner, name) = (target_name, target.clone());
    }
    // RFC 2308: also where there is an alias, but nothing under the name that it stands for.
    let answered = reply.answers.last().map(Answered::record_type);
    if answered.is_none_or(|kind| kind == RecordType::CNAME && question.query_type != kind) {
        deny(&mut reply, zone, DOMAIN);
    }
    Answer::Here(reply)
}

/// Adds the records of the type asked for, beginning elsewhere for every question, as clients take the first.
fn add_records(zone: &Zone, reply: &mut Message, wanted: RecordType, owner: &Name, records: &[Record]) {
    let start = usize::from(reply.metadata.id) % records.len().max(1);
    let mut targets = Vec::new();
    for record in records[start..].iter().chain(&records[..start]) {
        let data = match record {
            Record::A(address) => RData::A(A(*address)),
            Record::Srv { port, target } => {
                let Ok(name) = absolute(target) else { continue };
                targets.push((target, name.clone()));
                RData::SRV(SRV::new(0, 100, *port, name))
            }
            Record::Cname(_) => continue,
        };
        if wanted == data.record_type() || wanted == RecordType::ANY {
            reply.answers.push(Answered::from_rdata(owner.clone(), TTL, data));
        }
    }
    if wanted == RecordType::SRV {
        for (target, name) in targets {
            let addresses = zone.names.get(target).into_iter().flatten().filter_map(|r| match r {
                Record::A(address) => Some(Answered::from_rdata(name.clone(), TTL, RData::A(A(*address)))),
                _ => None,
            });
            reply.additionals.extend(addresses);
        }
    }
}

fn answer_address(zone: &Zone, reply: &mut Message, question: &Query, address: Ipv4Addr) {
    reply.metadata.authoritative = true;
    let names = zone.addresses.get(&address);
    if names.is_none() {
        reply.metadata.response_code = ResponseCode::NXDomain;
    } else if matches!(question.query_type, RecordType::PTR | RecordType::ANY) {
        let names = names.into_iter().flatten().filter_map(|name| absolute(name).ok());
        let records = names.map(|n| Answered::from_rdata(question.name.clone(), TTL, RData::PTR(PTR(n))));
        reply.answers.extend(records);
    }
    if reply.answers.is_empty() {
        let [a, b, ..] = zone.subnet.base.octets();
        deny(reply, zone, &format!("{b}.{a}.in-addr.arpa"));
    }
}

/// Says for how long clients may remember that there is nothing.
fn deny(reply: &mut Message, zone: &Zone, apex: &str) {
    let names = (absolute(apex), absolute(&format!("ns.dns.{DOMAIN}")), absolute(&format!("hostmaster.{DOMAIN}")));
    if let (Ok(apex), Ok(server), Ok(mailbox)) = names {
        let soa = SOA::new(server, mailbox, zone.serial, 7200, 1800, 86400, TTL);
        reply.authorities.push(Answered::from_rdata(apex, TTL, RData::SOA(soa)));
    }
}

/// Lower-case, without the dot at the end.
fn plain(name: &Name) -> String {
    let mut text = name.to_ascii().to_ascii_lowercase();
    text.truncate(text.trim_end_matches('.').len());
    text
}

fn absolute(name: &str) -> Result<Name, hickory_proto::ProtoError> {
    let mut name = Name::from_ascii(name)?;
    name.set_fqdn(true);
    Ok(name)
}

/// The address of `4.3.2.1.in-addr.arpa`.
fn reversed(name: &str) -> Option<Ipv4Addr> {
    let octets = name.strip_suffix(".in-addr.arpa")?;
    let address: Vec<&str> = octets.rsplit('.').collect();
    address.join(".").parse().ok()
}
