//! Whom we trust at the other end: one list of roots for STARTTLS and for TLS from the first byte.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use lettre::transport::smtp::client::{Certificate, CertificateStore, TlsParameters};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::settings::{SettingsError, SmtpSettings, Tls};

/// What to do between the TCP connect and the first command that matters.
#[derive(Clone)]
pub(super) enum Security {
    /// Nothing; the peer must be this machine.
    Plain,
    /// lettre upgrades with these after EHLO.
    StartTls(TlsParameters),
    /// TLS before the greeting.
    Implicit(TlsConnector, ServerName<'static>),
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "Plain",
            Self::StartTls(_) => "StartTls",
            Self::Implicit(..) => "Implicit",
        })
    }
}

/// Loads the roots and builds what the chosen kind of TLS needs. Reads files, so call it at start only.
pub(super) fn security(settings: &SmtpSettings) -> Result<Security, SettingsError> {
    if settings.tls == Tls::None {
        return Ok(Security::Plain);
    }
    let name = ServerName::try_from(settings.host.clone()).map_err(|_source| SettingsError::Host)?;
    let roots = roots(settings)?;
    if settings.tls == Tls::StartTls {
        let mut builder =
            TlsParameters::builder(settings.host.clone()).certificate_store(CertificateStore::None);
        for root in roots {
            let root = Certificate::from_der(root.to_vec()).map_err(|_source| SettingsError::Tls)?;
            builder = builder.add_root_certificate(root);
        }
        return builder
            .build_rustls()
            .map(Security::StartTls)
            .map_err(|_source| SettingsError::Tls);
    }
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(roots);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_source| SettingsError::Tls)?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(Security::Implicit(TlsConnector::from(Arc::new(config)), name))
}

/// The system's roots and those of `ca_file`, without those rustls cannot use (old systems carry some).
fn roots(settings: &SmtpSettings) -> Result<Vec<CertificateDer<'static>>, SettingsError> {
    // Errors here are single unreadable files; if nothing is left, `NoRoots` says so.
    let mut roots = rustls_native_certs::load_native_certs().certs;
    roots.retain(is_usable);
    if let Some(path) = &settings.ca_file {
        let pem = std::fs::read(path).map_err(|source| SettingsError::CaFile {
            path: path.clone(),
            source,
        })?;
        let own: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let own = own.unwrap_or_default();
        if own.is_empty() || !own.iter().all(is_usable) {
            return Err(SettingsError::CaFileContent { path: path.clone() });
        }
        roots.extend(own);
    }
    if roots.is_empty() {
        Err(SettingsError::NoRoots)
    } else {
        Ok(roots)
    }
}

fn is_usable(root: &CertificateDer<'static>) -> bool {
    RootCertStore::empty().add(root.clone()).is_ok()
}

/// What rustls did not like about the server, in words of ours; `None` if the connection merely broke.
pub(super) fn complaint(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        // An `io::Error` hides what it wraps from `source()`.
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if let Some(tls) = wrapped.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Some(words(tls));
        }
        cause = error.source();
    }
    None
}

fn words(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the mail server's certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the mail server's certificate is not valid yet; is the clock right?"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the mail server's certificate is for another host name"
            }
            CertificateError::UnknownIssuer => {
                "the mail server's certificate comes from an authority this system does not trust; see ca_file"
            }
            _ => "the mail server's certificate is not valid",
        },
        rustls::Error::InvalidMessage(_) => "the mail server does not speak TLS here; is the port right?",
        _ => "the mail server and carebus do not agree on TLS",
    }
}
