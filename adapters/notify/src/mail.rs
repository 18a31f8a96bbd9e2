//! E-mail by SMTP.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message as Mail};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls as Protection, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use paidan_model::channel::{Smtp, Tls};
use paidan_runtime::{Message, Sent};
use sha2::{Digest as _, Sha256};

use crate::secret::Known;
use crate::unusable::Unusable;

/// Seconds a server may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The most characters of a subject.
const SUBJECT_CHARACTERS_MAX: usize = 60;

/// A mail server, ready to be spoken to.
pub struct Mailer {
    from: Mailbox,
    server: AsyncSmtpTransport<Tokio1Executor>,
}

impl Mailer {
    /// Gets ready; connects only when something is sent.
    ///
    /// # Errors
    /// When the sender is no address, or the password is not there.
    pub fn new(smtp: &Smtp) -> Result<Self, Unusable> {
        drop(rustls::crypto::ring::default_provider().install_default());
        let wrong = |error: &dyn std::fmt::Display| Unusable::Client(error.to_string());
        let from = smtp.from.parse().map_err(|error| wrong(&error))?;
        let tls = || TlsParameters::new(smtp.host.clone()).map_err(|error| wrong(&error));
        let protection = match smtp.tls {
            Tls::None => Protection::None,
            Tls::Starttls => Protection::Required(tls()?),
            Tls::Tls => Protection::Wrapper(tls()?),
        };
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
            .port(smtp.port)
            .tls(protection)
            .timeout(Some(TIMEOUT));
        if let (Some(user), Some(password)) = (&smtp.user, &smtp.password) {
            let password = Known::read(password)?;
            server = server.credentials(Credentials::new(user.clone(), password.value().to_string()));
        }
        Ok(Self { from, server: server.build() })
    }

    /// Sends one message.
    pub async fn send(&self, message: &Message) -> Sent {
        let mail = match letter(&self.from, message) {
            Ok(mail) => mail,
            Err(why) => return Sent::Never(why),
        };
        match self.server.send(mail).await {
            Ok(answer) => {
                let words = answer.message().next().unwrap_or_default();
                Sent::Delivered(format!("{} {words}", answer.code()))
            }
            Err(error) if error.is_permanent() => Sent::Never(error.to_string()),
            Err(error) => Sent::Later(error.to_string()),
        }
    }
}

/// The mail: both languages and the link, under an id that stays the same when it is sent again.
fn letter(from: &Mailbox, message: &Message) -> Result<Mail, String> {
    let to: Mailbox = message.to.at.parse().map_err(|error| format!("no e-mail address: {error}"))?;
    let id = hex::encode(Sha256::digest(message.id.as_bytes()));
    let domain = from.email.domain();
    let words = message.text.zh.replace(&message.link, "");
    let first = words.lines().next().unwrap_or_default().trim_end_matches(['：', ':', '。', ' ']);
    let told = first.contains(&message.number);
    let whole = if told { first.to_string() } else { format!("{} {first}", message.number) };
    let subject: String = whole.chars().filter(|c| !c.is_control()).take(SUBJECT_CHARACTERS_MAX).collect();
    Mail::builder()
        .from(from.clone())
        .to(to)
        .subject(subject)
        .message_id(Some(format!("<{}@{domain}>", id.get(..32).unwrap_or(&id))))
        .header(ContentType::TEXT_PLAIN)
        .body(format!("{}\n\n{}\n\n{}\n", message.text.zh, message.text.en, message.link))
        .map_err(|error| error.to_string())
}
