//! A mail as MIME bytes: the same mail always gives the same bytes.

use std::time::SystemTime;

use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::{Address, Message};
use mailer::{Inline, Mail, Method};
use sha2::{Digest, Sha256};

use crate::clean;
use crate::outcome::Outcome;

/// Why a mail cannot be written as MIME. It names the field, never its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The recipient's address is none; becomes [`Outcome::Rejected`].
    #[error("the recipient's address is not one mail can be sent to (plain ASCII, name@domain)")]
    Recipient,
    /// The configured sender is none.
    #[error("the sender's address is not one mail can be sent from (plain ASCII, name@domain)")]
    Sender,
    /// The configured Reply-To is none.
    #[error("the Reply-To address is not valid (plain ASCII, name@domain)")]
    ReplyTo,
    /// Nothing printable is left of the message id.
    #[error("the message id is empty")]
    MessageId,
    /// lettre refused headers or parts; a fault of this crate.
    #[error("the mail could not be written as MIME")]
    Library,
}

impl From<ComposeError> for Outcome {
    fn from(error: ComposeError) -> Self {
        match error {
            ComposeError::Recipient => Self::Rejected { reply: None },
            ours => Self::own_fault(ours.to_string()),
        }
    }
}

/// What a mail server is given: envelope and message.
pub(crate) struct Letter {
    pub(crate) from: Address,
    pub(crate) to: Address,
    pub(crate) bytes: Vec<u8>,
}

/// Writes a mail as MIME: ASCII bytes, CRLF line ends, no line longer than 998 bytes.
///
/// `multipart/alternative { text, html }`, and with an invitation
/// `multipart/mixed { alternative { text, html, calendar }, invite.ics }` (RFC 6047 §2.4 and what mail programs
/// expect). With pictures `related { html, pictures }` stands where the HTML does (RFC 2387). Texts are cleaned here once more, whatever the mailer did: see `clean`.
///
/// # Errors
/// An address that is none, an empty message id; see [`ComposeError`].
pub fn compose(mail: &Mail) -> Result<Vec<u8>, ComposeError> {
    letter(mail).map(|letter| letter.bytes)
}

/// [`compose`], with the envelope beside the bytes.
pub(crate) fn letter(mail: &Mail) -> Result<Letter, ComposeError> {
    let to = address(mail.to.expose()).ok_or(ComposeError::Recipient)?;
    let from = address(&mail.from).ok_or(ComposeError::Sender)?;
    let to_name = mail.to_name.as_ref().map_or("", |name| name.expose());
    let envelope =
        Envelope::new(Some(from.clone()), vec![to.clone()]).map_err(|_source| ComposeError::Library)?;
    let mut builder = Message::builder()
        .envelope(envelope)
        .from(mailbox(&mail.from_name, from.clone()))
        .to(mailbox(to_name, to.clone()))
        .date(date(mail))
        .subject(clean::line(&mail.subject, clean::SUBJECT_CHARS));
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox("", address(reply_to).ok_or(ComposeError::ReplyTo)?));
    }
    let message = headers(builder, mail)?
        .multipart(body(mail)?)
        .map_err(|_source| ComposeError::Library)?;
    Ok(Letter {
        from,
        to,
        bytes: message.formatted(),
    })
}

/// The address that mail is sent from, alone.
///
/// # Errors
/// [`ComposeError::Sender`].
pub(crate) fn sender(text: &str) -> Result<Address, ComposeError> {
    address(text).ok_or(ComposeError::Sender)
}

fn headers(builder: MessageBuilder, mail: &Mail) -> Result<MessageBuilder, ComposeError> {
    let id = clean::message_id(&mail.message_id).ok_or(ComposeError::MessageId)?;
    let mut builder = builder
        .message_id(Some(format!("<{id}>")))
        .raw_header(fixed("Auto-Submitted", "auto-generated"))
        .raw_header(fixed("X-Auto-Response-Suppress", "All"));
    if let Some(root) = mail.thread_root.as_deref().and_then(clean::message_id) {
        builder = builder
            .in_reply_to(format!("<{root}>"))
            .references(format!("<{root}>"));
    }
    if mail.urgent {
        builder = builder
            .raw_header(fixed("Importance", "high"))
            .raw_header(fixed("X-Priority", "1"));
    }
    Ok(builder)
}

fn body(mail: &Mail) -> Result<MultiPart, ComposeError> {
    let text = clean::body(mail.text.expose());
    let html = clean::body(mail.html.expose());
    let ics = mail
        .invitation
        .as_ref()
        .map(|invitation| (invitation.method, clean::body(&invitation.ics)));
    let mut pieces: Vec<&[u8]> = vec![mail.message_id.as_bytes(), text.as_bytes(), html.as_bytes()];
    pieces.push(ics.as_ref().map_or(b"", |(_method, ics)| ics.as_bytes()));
    pieces.extend(mail.images.iter().map(|image| image.png.as_slice()));
    let mark = fingerprint(&pieces);
    let alternative = MultiPart::alternative()
        .boundary(format!("carebus-alternative-{mark}"))
        .singlepart(SinglePart::plain(text));
    let html = SinglePart::html(html);
    let alternative = if mail.images.is_empty() {
        alternative.singlepart(html)
    } else {
        alternative.multipart(related(html, &mail.images, &mark)?)
    };
    let Some((method, ics)) = ics else {
        return Ok(alternative);
    };
    let method = match method {
        Method::Request => "REQUEST",
        Method::Cancel => "CANCEL",
    };
    let calendar = content_type(&format!("text/calendar; method={method}; charset=utf-8"))?;
    let file = content_type("application/ics; name=\"invite.ics\"")?;
    let alternative = alternative.singlepart(SinglePart::builder().header(calendar).body(ics.clone()));
    Ok(MultiPart::mixed()
        .boundary(format!("carebus-mixed-{mark}"))
        .multipart(alternative)
        .singlepart(Attachment::new("invite.ics".to_owned()).body(ics, file)))
}

/// The HTML with its pictures, each under the `Content-ID` that the HTML names.
fn related(html: SinglePart, images: &[Inline], mark: &str) -> Result<MultiPart, ComposeError> {
    let kind = format!("multipart/related; type=\"text/html\"; boundary=\"carebus-related-{mark}\"");
    let mut related = MultiPart::builder().header(content_type(&kind)?).singlepart(html);
    for image in images {
        let cid = clean::message_id(&image.cid).ok_or(ComposeError::Library)?;
        let png = Attachment::new_inline(format!("<{cid}>"));
        related = related.singlepart(png.body(image.png.clone(), content_type("image/png")?));
    }
    Ok(related)
}

/// What boundaries are made of: message id and whole content, so that the same mail has the same ones, and nobody can
/// write a text that contains its own boundary.
fn fingerprint(pieces: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update((piece.len() as u64).to_be_bytes());
        hash.update(piece);
    }
    hash.finalize()
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn address(text: &str) -> Option<Address> {
    if clean::is_plain_address(text) {
        text.parse().ok()
    } else {
        None
    }
}

fn mailbox(name: &str, address: Address) -> Mailbox {
    let name = clean::line(name, clean::NAME_CHARS);
    Mailbox::new((!name.is_empty()).then_some(name), address)
}

/// lettre's date formatter panics before 1970, so an impossible date becomes the epoch.
fn date(mail: &Mail) -> SystemTime {
    SystemTime::from(mail.date).max(SystemTime::UNIX_EPOCH)
}

fn fixed(name: &'static str, value: &'static str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn content_type(text: &str) -> Result<ContentType, ComposeError> {
    ContentType::parse(text).map_err(|_source| ComposeError::Library)
}
