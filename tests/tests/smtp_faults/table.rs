//! The rows: where a conversation goes wrong and how, and what the log says of it.

use crate::row::Row;
use crate::row::Server::{Closed, Fault, NoStarttls, OtherName, OtherPassword, Stranger};
use crate::row::Verdict::{Deferred, DeferredOrUnknown, Late, OwnFault, Rejected, Unknown, Unreachable};

const fn row(name: &'static str, server: crate::row::Server, verdict: crate::row::Verdict) -> Row {
    Row {
        name,
        server,
        verdict,
    }
}

/// Before a recipient was named: the way is to blame.
pub(crate) static NOBODYS: [Row; 25] = [
    row("no server", Closed, Unreachable(None)),
    row("no banner", Fault("greeting:silent"), Unreachable(None)),
    row(
        "cut instead of a banner",
        Fault("greeting:cut"),
        Unreachable(None),
    ),
    row("421 as banner", Fault("greeting:421"), Unreachable(Some(421))),
    row("450 as banner", Fault("greeting:450"), Unreachable(Some(450))),
    row("554 as banner", Fault("greeting:554"), OwnFault(Some(554))),
    row("421 to EHLO", Fault("ehlo:421"), Unreachable(Some(421))),
    row("550 to EHLO", Fault("ehlo:550"), OwnFault(Some(550))),
    row("silence at EHLO", Fault("ehlo:silent"), Unreachable(None)),
    row("no STARTTLS offered", NoStarttls, OwnFault(None)),
    row("454 to STARTTLS", Fault("starttls:454"), Unreachable(Some(454))),
    row("502 to STARTTLS", Fault("starttls:502"), OwnFault(Some(502))),
    row("silence at STARTTLS", Fault("starttls:silent"), Unreachable(None)),
    row("cut in the handshake", Fault("handshake:cut"), Unreachable(None)),
    row(
        "silence in the handshake",
        Fault("handshake:silent"),
        Unreachable(None),
    ),
    row("a stranger's certificate", Stranger, OwnFault(None)),
    row("a certificate for another name", OtherName, OwnFault(None)),
    row("wrong password", OtherPassword, OwnFault(Some(535))),
    row("454 to the login", Fault("auth:454"), Unreachable(Some(454))),
    row("silence at the login", Fault("auth:silent"), Unreachable(None)),
    row("530 to the sender", Fault("mail:530"), OwnFault(Some(530))),
    row("550 to the sender", Fault("mail:550"), OwnFault(Some(550))),
    row("451 to the sender", Fault("mail:451"), Unreachable(Some(451))),
    row("421 to the sender", Fault("mail:421"), Unreachable(Some(421))),
    row("silence at the sender", Fault("mail:silent"), Unreachable(None)),
];

/// From there on it is about the recipient.
pub(crate) static RECIPIENTS: [Row; 20] = [
    row("450 to the recipient", Fault("rcpt:450"), Deferred(Some(450))),
    row("451 to the recipient", Fault("rcpt:451"), Deferred(Some(451))),
    row("421 to the recipient", Fault("rcpt:421"), Deferred(Some(421))),
    row("550 to the recipient", Fault("rcpt:550"), Rejected(550)),
    row("silence at the recipient", Fault("rcpt:silent"), Deferred(None)),
    row("cut at the recipient", Fault("rcpt:cut"), Deferred(None)),
    row("451 to DATA", Fault("data:451"), Deferred(Some(451))),
    row("421 to DATA", Fault("data:421"), Deferred(Some(421))),
    row("554 to DATA", Fault("data:554"), Rejected(554)),
    row("silence at DATA", Fault("data:silent"), Deferred(None)),
    row("cut at DATA", Fault("data:cut"), Deferred(None)),
    row("cut in the message", Fault("body:cut"), DeferredOrUnknown),
    row("silence in the message", Fault("body:silent"), DeferredOrUnknown),
    row("450 after the final dot", Fault("dot:450"), Deferred(Some(450))),
    row("451 after the final dot", Fault("dot:451"), Deferred(Some(451))),
    row("421 after the final dot", Fault("dot:421"), Deferred(Some(421))),
    row("554 after the final dot", Fault("dot:554"), Rejected(554)),
    row("cut after the final dot", Fault("dot:cut"), Unknown),
    row("silence after the final dot", Fault("dot:silent"), Unknown),
    row("250 late", Fault("dot:late=1.5"), Late),
];
