//! The world: every effect is a trait with a simulated twin.

use std::future::Future;

use paidan_journal::Store;
use paidan_model::moment::Moment;
use paidan_model::text::Text;
use serde::{Deserialize, Serialize};

/// Everything outside.
pub trait World: Send + Sync + 'static {
    /// What keeps.
    type Store: Store;
    /// What tells the time.
    type Clock: Clock;
    /// What makes ids and salts.
    type Ids: Ids;
    /// What carries messages.
    type Transport: Transport;
    /// The store.
    fn store(&self) -> &Self::Store;
    /// The clock.
    fn clock(&self) -> &Self::Clock;
    /// The ids.
    fn ids(&self) -> &Self::Ids;
    /// The transport.
    fn transport(&self) -> &Self::Transport;
}

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Moment;
    /// Comes back when the clock shows `at`, at once if it has passed.
    fn until(&self, at: Moment) -> impl Future<Output = ()> + Send;
    /// Puts a pretend clock forward; false when this clock shows the time there is.
    fn put_forward(&self, _to: Moment) -> bool {
        false
    }
    /// Whether a pretend clock stands still until it is put forward.
    fn stands_still(&self) -> bool {
        false
    }
    /// How many times faster than the clock on the wall, when it runs.
    fn speed(&self) -> u32 {
        1
    }
}

/// Makes ids, salts and codes.
pub trait Ids: Send + Sync + 'static {
    /// An id that sorts by time.
    fn id(&self) -> String;
    /// A salt.
    fn salt(&self) -> [u8; 32];
    /// A tracking code: 128 random bits as text.
    fn code(&self) -> String;
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The channel, such as `email`.
    pub channel: String,
    /// The address in that channel.
    pub at: String,
}

/// A message, with its words and addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// A constant id: a second delivery can be told by it.
    pub id: String,
    /// Where it goes.
    pub to: Address,
    /// The words.
    pub text: Text,
    /// The case's number.
    pub number: String,
    /// The case's stream.
    pub stream: String,
    /// The notice's name.
    pub notice: String,
    /// Where the case can be looked at.
    pub link: String,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It arrived.
    Delivered(String),
    /// It may arrive later.
    Later(String),
    /// It may arrive after so many seconds; `tried` when this counts as a try.
    After {
        /// Why not now.
        note: String,
        /// The seconds.
        seconds: u32,
        /// Whether this counts as a try.
        tried: bool,
    },
    /// It never will.
    Never(String),
}

/// Carries messages.
pub trait Transport: Send + Sync + 'static {
    /// Carries one message. May be called again with the same id.
    fn send(&self, message: &Message) -> impl Future<Output = Sent> + Send;
}

/// A world put together from its parts.
#[derive(Debug)]
pub struct Outside<S, C, I, T> {
    /// What keeps.
    pub store: S,
    /// What tells the time.
    pub clock: C,
    /// What makes ids.
    pub ids: I,
    /// What carries messages.
    pub transport: T,
}

impl<S: Store, C: Clock, I: Ids, T: Transport> World for Outside<S, C, I, T> {
    type Store = S;
    type Clock = C;
    type Ids = I;
    type Transport = T;
    fn store(&self) -> &S {
        &self.store
    }
    fn clock(&self) -> &C {
        &self.clock
    }
    fn ids(&self) -> &I {
        &self.ids
    }
    fn transport(&self) -> &T {
        &self.transport
    }
}
