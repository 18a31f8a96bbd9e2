//! The post: every configured channel behind the runtime's one port.

use std::collections::BTreeMap;

use paidan_model::channel::Channel;
use paidan_model::id::ChannelId;
use paidan_runtime::recipient::TRACK;
use paidan_runtime::{Message, Sent, Transport};

use crate::gateway::Caller;
use crate::mail::Mailer;
use crate::unusable::Unusable;
use crate::webhook::Hook;

enum Line {
    Mail(Box<Mailer>),
    Hook(Hook),
    Call(Box<Caller>),
    Nothing,
    Sink,
}

/// Carries messages by the channels of the configuration.
pub struct Post {
    lines: BTreeMap<String, Line>,
    /// What becomes of a channel that nobody configured: kept in the sink, as in a demonstration, or an error.
    sink_all: bool,
}

impl std::fmt::Debug for Post {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.lines.keys()).finish()
    }
}

impl Post {
    /// Gets every channel ready. With `sink_all`, channels that are not configured keep their words beside
    /// the letter; without, their messages cannot be delivered.
    ///
    /// # Errors
    /// The channel and why it cannot be used.
    pub fn new(
        channels: &BTreeMap<ChannelId, Channel>,
        sink_all: bool,
    ) -> Result<Self, (ChannelId, Unusable)> {
        let mut lines = BTreeMap::new();
        for (id, channel) in channels {
            let line = line(channel).map_err(|unusable| (id.clone(), unusable))?;
            lines.insert(id.to_string(), line);
        }
        Ok(Self { lines, sink_all })
    }
}

fn line(channel: &Channel) -> Result<Line, Unusable> {
    Ok(match channel {
        Channel::Smtp(smtp) => Line::Mail(Box::new(Mailer::new(smtp)?)),
        Channel::Webhook(webhook) => Line::Hook(Hook::new(webhook)?),
        Channel::Gateway(gateway) => Line::Call(Box::new(Caller::new(gateway)?)),
        Channel::BlackHole => Line::Nothing,
        Channel::Sink => Line::Sink,
    })
}

fn sunk(message: &Message) -> Sent {
    Sent::Delivered(format!("{} {}: {}", message.to.channel, message.to.at, message.text.zh))
}

impl Transport for Post {
    async fn send(&self, message: &Message) -> Sent {
        match self.lines.get(&message.to.channel) {
            Some(Line::Mail(mailer)) => mailer.send(message).await,
            Some(Line::Hook(hook)) => hook.send(message).await,
            Some(Line::Call(caller)) => caller.send(message).await,
            Some(Line::Nothing) => Sent::Delivered(String::new()),
            Some(Line::Sink) => sunk(message),
            // Whoever is in no roster reads it where the case is tracked.
            None if self.sink_all || message.to.channel == TRACK => sunk(message),
            None => Sent::Never(format!("no channel `{}` is configured", message.to.channel)),
        }
    }
}
