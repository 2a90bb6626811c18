//! One conversation with the server, stage by stage, each stage with its own limit.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::{Response, Severity};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::settings::SmtpSettings;
use super::trust::{self, Security};
use super::verdict::{Broken, Cause, Stage};
use super::wire::Wire;
use crate::mime::Letter;

/// How much of a message is written before the limit starts anew: a slow line is not a dead one.
const BLOCK: usize = 16 * 1024;

/// A connection that is greeted, protected and logged in.
pub(super) struct Session {
    smtp: AsyncSmtpConnection,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    /// Connects, says EHLO, protects the way and logs in, in this order: no password and no mail before TLS stands.
    pub(super) async fn open(settings: &SmtpSettings, security: &Security) -> Result<Self, Broken> {
        let limit = settings.command_timeout;
        let hello = settings
            .hello_name
            .clone()
            .map_or_else(ClientId::default, ClientId::Domain);
        let wire = wire(settings, security).await?;
        let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello);
        let mut smtp = within(limit, Stage::Greeting, greeting).await?;
        if let Security::StartTls(parameters) = security {
            if !smtp.can_starttls() {
                return Err(Broken::new(
                    Stage::Tls,
                    Cause::Refusal("the mail server offers no STARTTLS"),
                ));
            }
            within(limit, Stage::Tls, smtp.starttls(parameters.clone(), &hello)).await?;
        }
        if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
            login(
                &mut smtp,
                limit,
                Credentials::new(user.clone(), password.expose().clone()),
            )
            .await?;
        }
        Ok(Self { smtp })
    }

    /// One mail: MAIL, RCPT, DATA, the message. `Ok` is the 2xx reply after the final dot.
    pub(super) async fn carry(&mut self, letter: &Letter, settings: &SmtpSettings) -> Result<u16, Broken> {
        let limit = settings.command_timeout;
        let sender = Mail::new(Some(letter.from.clone()), Vec::new());
        let response = within(limit, Stage::Sender, self.smtp.command(sender)).await?;
        expect(Stage::Sender, Severity::PositiveCompletion, &response)?;
        let recipient = Rcpt::new(letter.to.clone(), Vec::new());
        let response = within(limit, Stage::Recipient, self.smtp.command(recipient)).await?;
        expect(Stage::Recipient, Severity::PositiveCompletion, &response)?;
        let response = within(limit, Stage::Data, self.smtp.command(Data)).await?;
        expect(Stage::Data, Severity::PositiveIntermediate, &response)?;
        let response = self.message(&letter.bytes, settings).await?;
        expect(Stage::FinalDot, Severity::PositiveCompletion, &response)
    }

    /// MAIL, and takes it back.
    pub(super) async fn knock(&mut self, sender: Address, settings: &SmtpSettings) -> Result<(), Broken> {
        let sender = Mail::new(Some(sender), Vec::new());
        let response = within(settings.command_timeout, Stage::Sender, self.smtp.command(sender)).await?;
        expect(Stage::Sender, Severity::PositiveCompletion, &response)?;
        let response = within(settings.command_timeout, Stage::Sender, self.smtp.command(Rset)).await?;
        expect(Stage::Sender, Severity::PositiveCompletion, &response).map(|_reply| ())
    }

    /// Writes the message and waits for the verdict.
    ///
    /// lettre writes the final dot itself, right after the last block was taken from the iterator and flushed. So
    /// when it asks for one block more than there are, the dot is next: before that the server cannot have the mail,
    /// from then on it may.
    async fn message(&mut self, bytes: &[u8], settings: &SmtpSettings) -> Result<Response, Broken> {
        // lettre's final dot brings the line end before it.
        let mut blocks = bytes.strip_suffix(b"\r\n").unwrap_or(bytes).chunks(BLOCK);
        let count = blocks.len();
        let asked = AtomicUsize::new(0);
        let counted = std::iter::from_fn(|| {
            asked.fetch_add(1, Ordering::Relaxed);
            blocks.next()
        });
        let stage = |asked| {
            if asked > count {
                Stage::FinalDot
            } else {
                Stage::Body
            }
        };
        let mut sending = pin!(self.smtp.message_iter(counted));
        loop {
            let before = asked.load(Ordering::Relaxed);
            let limit = match stage(before) {
                Stage::FinalDot => settings.final_dot_timeout,
                _ => settings.command_timeout,
            };
            let ended = timeout(limit, sending.as_mut()).await;
            let now = asked.load(Ordering::Relaxed);
            match ended {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => return Err(Broken::from_error(stage(now), &error)),
                Err(_elapsed) if now != before => {}
                Err(_elapsed) => return Err(Broken::new(stage(now), Cause::Silence)),
            }
        }
    }

    /// Forgets a mail that was refused; `false` if the connection is of no more use.
    pub(super) async fn reset(&mut self, settings: &SmtpSettings) -> bool {
        matches!(
            timeout(settings.command_timeout, self.smtp.command(Rset)).await,
            Ok(Ok(_response))
        )
    }

    /// Says goodbye; that the server may not answer is no concern of anybody's.
    pub(super) async fn quit(mut self, settings: &SmtpSettings) {
        let _ = timeout(settings.command_timeout, self.smtp.abort()).await;
    }
}

/// The connected stream, inside TLS if that comes first.
async fn wire(settings: &SmtpSettings, security: &Security) -> Result<Wire, Broken> {
    let connect = TcpStream::connect((settings.host.as_str(), settings.port));
    let tcp = match timeout(settings.connect_timeout, connect).await {
        Ok(Ok(tcp)) => tcp,
        Ok(Err(_error)) => return Err(Broken::new(Stage::Connect, Cause::Cut)),
        Err(_elapsed) => return Err(Broken::new(Stage::Connect, Cause::Silence)),
    };
    // lettre writes body and final dot apart; with Nagle's algorithm each mail would wait 44 ms for a delayed ACK.
    // If it cannot be set, mail is slow, not lost.
    let _ = tcp.set_nodelay(true);
    match security {
        Security::StartTls(_) => Ok(Wire::clear(tcp)),
        Security::Plain
            if tcp
                .peer_addr()
                .is_ok_and(|peer| peer.ip().to_canonical().is_loopback()) =>
        {
            Ok(Wire::clear(tcp))
        }
        Security::Plain => {
            let words = "the mail server's name leads away from this machine, and tls is off";
            Err(Broken::new(Stage::Connect, Cause::Refusal(words)))
        }
        Security::Implicit(connector, name) => {
            match timeout(settings.command_timeout, connector.connect(name.clone(), tcp)).await {
                Ok(Ok(tls)) => Ok(Wire::Tls(Box::new(tls))),
                Ok(Err(error)) => {
                    let cause = trust::complaint(&error).map_or(Cause::Cut, Cause::Refusal);
                    Err(Broken::new(Stage::Tls, cause))
                }
                Err(_elapsed) => Err(Broken::new(Stage::Tls, Cause::Silence)),
            }
        }
    }
}

async fn login(
    smtp: &mut AsyncSmtpConnection,
    limit: Duration,
    credentials: Credentials,
) -> Result<(), Broken> {
    let mechanisms = [Mechanism::Plain, Mechanism::Login];
    if smtp.server_info().get_auth_mechanism(&mechanisms).is_none() {
        let words = "the mail server offers no login by PLAIN or LOGIN";
        return Err(Broken::new(Stage::Login, Cause::Refusal(words)));
    }
    within(limit, Stage::Login, smtp.auth(&mechanisms, &credentials))
        .await
        .map(|_response| ())
}

async fn within<T>(
    limit: Duration,
    stage: Stage,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, Broken> {
    match timeout(limit, step).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Broken::from_error(stage, &error)),
        Err(_elapsed) => Err(Broken::new(stage, Cause::Silence)),
    }
}

/// The reply's number if it is of the kind this stage asks for; lettre takes any 2xx or 3xx for a yes.
fn expect(stage: Stage, severity: Severity, response: &Response) -> Result<u16, Broken> {
    let code = response.code();
    if code.severity == severity {
        Ok(code.into())
    } else {
        Err(Broken::new(stage, Cause::Reply(code.into())))
    }
}
