//! From "where and how the conversation broke" to what it means for the mail.

use super::trust;
use crate::outcome::Outcome;

/// How far the conversation had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Name resolution and TCP.
    Connect,
    /// The server's first line and EHLO.
    Greeting,
    /// STARTTLS or the TLS handshake, and the EHLO inside it.
    Tls,
    /// AUTH.
    Login,
    /// MAIL FROM.
    Sender,
    /// RCPT TO.
    Recipient,
    /// DATA, before its 354.
    Data,
    /// The message, before its final dot.
    Body,
    /// The final dot was written, or part of it.
    FinalDot,
}

impl Stage {
    /// Not now; before a recipient was named that says nothing about them.
    fn put_off(self, reply: Option<u16>) -> Outcome {
        match self {
            Self::Connect | Self::Greeting | Self::Tls | Self::Login | Self::Sender => {
                Outcome::Unreachable { reply }
            }
            Self::Recipient | Self::Data | Self::Body | Self::FinalDot => Outcome::Deferred { reply },
        }
    }
}

/// What broke it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The server said no, or something that fits no question.
    Reply(u16),
    /// The connection broke, or what came was not SMTP.
    Cut,
    /// No answer within the limit.
    Silence,
    /// We do not go on, for this reason.
    Refusal(&'static str),
}

/// A conversation that ended without the mail being accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) stage: Stage,
    pub(super) cause: Cause,
}

impl Broken {
    pub(super) fn new(stage: Stage, cause: Cause) -> Self {
        Self { stage, cause }
    }

    /// Reads lettre's error: a reply, a TLS complaint, or else a cut.
    pub(super) fn from_error(stage: Stage, error: &lettre::transport::smtp::Error) -> Self {
        let cause = match error.status() {
            Some(code) => Cause::Reply(code.into()),
            // Later than the handshake a TLS error is just another way for a connection to break.
            None if stage == Stage::Tls => trust::complaint(error).map_or(Cause::Cut, Cause::Refusal),
            None => Cause::Cut,
        };
        Self::new(stage, cause)
    }

    /// The table of this crate: what each break means for the mail.
    pub(super) fn outcome(self) -> Outcome {
        let Self { stage, cause } = self;
        match cause {
            Cause::Refusal(words) => Outcome::own_fault(words),
            // 530 authentication or STARTTLS required, 534 and 538 mechanism too weak, 535 wrong password.
            Cause::Reply(reply @ (530 | 534 | 535 | 538)) => own_fault(reply, stage),
            Cause::Reply(reply @ 500..=599) => match stage {
                Stage::Recipient | Stage::Data | Stage::Body | Stage::FinalDot => {
                    Outcome::Rejected { reply: Some(reply) }
                }
                Stage::Connect | Stage::Greeting | Stage::Tls | Stage::Login | Stage::Sender => {
                    own_fault(reply, stage)
                }
            },
            Cause::Reply(reply @ 400..=499) => stage.put_off(Some(reply)),
            Cause::Reply(_) | Cause::Cut | Cause::Silence if stage == Stage::FinalDot => Outcome::Unknown,
            Cause::Reply(reply) => stage.put_off(Some(reply)),
            Cause::Cut | Cause::Silence => stage.put_off(None),
        }
    }

    /// Whether a connection that was used before failed in the way a dead one does, with no message on its way.
    pub(super) fn was_stale(self) -> bool {
        let before_data = matches!(self.stage, Stage::Sender | Stage::Recipient | Stage::Data);
        before_data && matches!(self.cause, Cause::Cut | Cause::Silence | Cause::Reply(421))
    }

    /// Whether the server answered in turn and stays on the line, so that RSET makes the connection usable again.
    pub(super) fn left_in_step(self) -> bool {
        matches!(self.cause, Cause::Reply(400..=420 | 422..=599))
    }
}

fn own_fault(reply: u16, stage: Stage) -> Outcome {
    let hint = match stage {
        Stage::Connect | Stage::Greeting => {
            "the mail server does not serve us; see hello_name and its allow list"
        }
        Stage::Tls => "the mail server refused STARTTLS",
        Stage::Login => "the mail server refused the login; see user and password",
        Stage::Sender => "the mail server refused the sender address or wants a login",
        Stage::Recipient | Stage::Data | Stage::Body | Stage::FinalDot => {
            "the mail server wants a login or a stronger one; see user, password and tls"
        }
    };
    Outcome::OwnFault {
        reply: Some(reply),
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter per stage: N no server, D deferred, R rejected, U unknown, O own fault.
    fn verdicts(cause: Cause) -> String {
        use Stage::{Body, Connect, Data, FinalDot, Greeting, Login, Recipient, Sender, Tls};
        let stages = [
            Connect, Greeting, Tls, Login, Sender, Recipient, Data, Body, FinalDot,
        ];
        let letter = |stage| match Broken::new(stage, cause).outcome() {
            Outcome::Sent { .. } => 'S',
            Outcome::Unreachable { .. } => 'N',
            Outcome::Deferred { .. } => 'D',
            Outcome::Rejected { .. } => 'R',
            Outcome::Unknown => 'U',
            Outcome::OwnFault { .. } => 'O',
        };
        stages.map(letter).iter().collect()
    }

    #[test]
    fn every_stage_and_cause_has_its_verdict() {
        assert_eq!(verdicts(Cause::Cut), "NNNNNDDDU");
        assert_eq!(verdicts(Cause::Silence), "NNNNNDDDU");
        assert_eq!(verdicts(Cause::Reply(421)), "NNNNNDDDD");
        assert_eq!(verdicts(Cause::Reply(451)), "NNNNNDDDD");
        assert_eq!(verdicts(Cause::Reply(550)), "OOOOORRRR");
        assert_eq!(verdicts(Cause::Reply(530)), "OOOOOOOOO");
        assert_eq!(verdicts(Cause::Reply(535)), "OOOOOOOOO");
        assert_eq!(verdicts(Cause::Reply(354)), "NNNNNDDDU");
        assert_eq!(verdicts(Cause::Refusal("certificate")), "OOOOOOOOO");
    }

    #[test]
    fn only_a_connection_that_died_before_data_is_tried_again_at_once() {
        assert!(Broken::new(Stage::Sender, Cause::Cut).was_stale());
        assert!(Broken::new(Stage::Data, Cause::Reply(421)).was_stale());
        assert!(!Broken::new(Stage::Recipient, Cause::Reply(450)).was_stale());
        assert!(!Broken::new(Stage::Body, Cause::Cut).was_stale());
        assert!(!Broken::new(Stage::FinalDot, Cause::Cut).was_stale());
    }
}
