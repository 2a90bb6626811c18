//! How one attempt to send ended, in the words the mail queue decides by.

/// The end of one attempt. It never carries an address, a server's text or anything personal: replies are bare
/// numbers, hints are sentences of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted. For a carrier that is not a mail server `reply` is 250.
    Sent {
        /// The server's reply after the final dot, 2xx.
        reply: u16,
    },
    /// Not accepted, and worth another try later: a 4xx reply after the recipient was named, or from there on the
    /// conversation was cut or fell silent before the final dot was written, so that the server cannot have the mail.
    Deferred {
        /// The server's reply, if it gave one.
        reply: Option<u16>,
    },
    /// No recipient was named yet, so the next mail would fare the same: no connection, no greeting, or the way up to
    /// and with MAIL FROM was cut, fell silent or was answered with 4xx. Worth another try later.
    Unreachable {
        /// The server's reply, if it gave one.
        reply: Option<u16>,
    },
    /// Refused for good because of the recipient or the message: 5xx at RCPT, at DATA or after the final dot, or an
    /// address no mail can be sent to (then without a reply).
    Rejected {
        /// The server's reply, if it came to one.
        reply: Option<u16>,
    },
    /// The conversation was cut or fell silent after the final dot was written: the mail may have been delivered.
    Unknown,
    /// Refused for a fault of ours, which would refuse the next mail too: 530 or 535, the sender, the certificate,
    /// TLS, a folder that cannot be written. The queue pauses, an operator is told, the recipient is not blamed.
    OwnFault {
        /// The server's reply, if it gave one.
        reply: Option<u16>,
        /// What an operator should look at. No personal data.
        hint: String,
    },
}

impl Outcome {
    /// A fault of ours that no reply of a server goes with.
    pub(crate) fn own_fault(hint: impl Into<String>) -> Self {
        Self::OwnFault {
            reply: None,
            hint: hint.into(),
        }
    }
}
