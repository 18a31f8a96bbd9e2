//! Facts for the tests of the record: one of every kind, whatever a family has, with members drawn
//! by chance.
#![expect(clippy::unwrap_used, reason = "tests")]

extern crate std;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::calendar::{Budget, Course, Goal};
use paidan_model::claim::ClaimState;
use paidan_model::clock::Colour;
use paidan_model::id::{
    ActionId, ChannelId, ChoiceId, ClaimsId, ClockId, FieldId, HandoffId, NoticeId, OutcomeId,
};
use paidan_model::id::{GroundId, VoteId, WorkflowId};
use paidan_model::id::{PauseId, PostId, RoleId, SplitId, StateId, UnitId, UnitKind};
use paidan_model::leg::{LegState, Part};
use paidan_model::moment::Moment;
use paidan_model::outcome::Class;
use paidan_model::value::Held;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::sync::LazyLock;

use crate::audience::Audience;
use crate::case::claim::{Initiator, Why};
use crate::case::clock::{ClockKey, MoveCause, Standstill, Verdict};
use crate::case::leg::How;
use crate::case::member::{Sample, Seed};
use crate::case::share::{Joined, Portion};
use crate::case::timer::{Alarm, AlarmKind};
use crate::case::vote::How as Came;
use crate::tally::{Choice, Elector, Tally};

/// The moment of the records under test.
pub(crate) const MOMENT: Moment = Moment::from_millis(1_790_751_600_000);

/// Values by the name of their type, as records have them.
static SAMPLES: LazyLock<BTreeMap<&str, Vec<Json>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("samples.json")).unwrap());

fn drawn<T: DeserializeOwned>(name: &str, seed: &mut Seed) -> T {
    serde_json::from_value(seed.pick(SAMPLES.get(name).unwrap()).clone()).unwrap()
}

macro_rules! drawn {
    ($($name:ident),+ $(,)?) => { $(
        impl Sample for $name {
            fn sample(seed: &mut Seed) -> Self {
                drawn(stringify!($name), seed)
            }
        }
    )+ };
}

macro_rules! ids {
    ($($name:ident),+ $(,)?) => { $(
        impl Sample for $name {
            fn sample(seed: &mut Seed) -> Self {
                Self::parse(seed.pick::<&str>(&["case", "work-2", "Z_9", "withdrawn"])).unwrap()
            }
        }
    )+ };
}

ids!(ActionId, ChannelId, ChoiceId, ClaimsId, ClockId, FieldId, HandoffId, NoticeId, OutcomeId);
ids!(PauseId, PostId, RoleId, SplitId, StateId, UnitId, UnitKind, VoteId, WorkflowId, GroundId);

drawn!(u8, u32, i64, bool, String, Held, Budget, Goal);
drawn!(Course, Tally, Elector, Portion, Joined, AlarmKind, Audience, Choice);
drawn!(ClaimState, Colour, LegState, Part, Class, Initiator, Why, MoveCause);
drawn!(Standstill, Verdict, How, Came);

impl Sample for Moment {
    fn sample(seed: &mut Seed) -> Self {
        MOMENT.plus_millis(*seed.pick(&[0, 0, 0, 3_600_000, 604_800_000, -5_000, 1, -999]))
    }
}

impl Sample for ClockKey {
    fn sample(seed: &mut Seed) -> Self {
        let clock = ClockId::sample(seed);
        // Seldom a leg or a claim, so that timers meet their clock.
        let leg = (seed.below(4) == 0).then(|| UnitId::sample(seed));
        let claim = (seed.below(4) == 0).then(|| u32::sample(seed));
        Self { clock, leg, claim }
    }
}

impl Sample for Alarm {
    fn sample(seed: &mut Seed) -> Self {
        Self { kind: AlarmKind::sample(seed), due: Moment::sample(seed) }
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(seed: &mut Seed) -> Self {
        (seed.below(2) == 0).then(|| T::sample(seed))
    }
}

impl<T: Sample> Sample for Box<T> {
    fn sample(seed: &mut Seed) -> Self {
        Box::new(T::sample(seed))
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(seed: &mut Seed) -> Self {
        (0..seed.below(4)).map(|_| T::sample(seed)).collect()
    }
}

impl<K: Sample + Ord, V: Sample> Sample for BTreeMap<K, V> {
    fn sample(seed: &mut Seed) -> Self {
        (0..seed.below(4)).map(|_| (K::sample(seed), V::sample(seed))).collect()
    }
}
