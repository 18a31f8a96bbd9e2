//! Random charts: compound and parallel states, final ones, transitions with and without events,
//! guards, targets far and near, raised events.

use std::collections::{BTreeMap, BTreeSet};

/// Fields, all of them whole numbers.
pub const FIELDS: [&str; 2] = ["x", "y"];
/// Events that come from outside.
pub const SENT: [&str; 3] = ["a", "b", "c"];
/// Events that are raised; one of them comes from outside, too.
const RAISED: [&str; 3] = ["c", "r", "s"];

/// What a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Without children.
    Atomic,
    /// One child is active.
    Compound,
    /// All children are active.
    Parallel,
    /// Ends its parent or, at the top, everything.
    Final,
}

/// A condition.
#[derive(Clone, Debug)]
pub enum Guard {
    /// None.
    Always,
    /// A field is below a number.
    Less(usize, i64),
    /// A state is active.
    In(usize),
    /// A state is not active.
    NotIn(usize),
}

/// What a field becomes.
#[derive(Clone, Debug)]
pub enum Set {
    /// More by so much.
    Add(i64),
    /// So much.
    Is(i64),
}

/// A transition.
#[derive(Clone, Debug)]
pub struct Way {
    /// Its target; none: nothing is left or entered.
    pub go: Option<usize>,
    /// When it is open.
    pub when: Guard,
    /// What it writes.
    pub set: Option<(usize, Set)>,
    /// What it raises.
    pub raise: Vec<&'static str>,
}

/// A state.
#[derive(Clone, Debug)]
pub struct State {
    /// What it is.
    pub kind: Kind,
    /// The state in which it is.
    pub parent: Option<usize>,
    /// Its place among its siblings; those of one rank stand by number.
    pub rank: i32,
    /// Where it begins; none: with its first child.
    pub start: Option<usize>,
    /// What is raised on the way in, and written.
    pub enter_raise: Vec<&'static str>,
    pub enter_set: Option<(usize, Set)>,
    /// What is raised on the way out, and written.
    pub leave_raise: Vec<&'static str>,
    pub leave_set: Option<(usize, Set)>,
    /// Transitions by event.
    pub on: BTreeMap<&'static str, Vec<Way>>,
    /// Transitions when it is done.
    pub done: Vec<Way>,
    /// Transitions without an event.
    pub always: Vec<Way>,
}

/// A chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Its states; their number is their name.
    pub states: Vec<State>,
    /// Where it begins.
    pub initial: usize,
}

impl Chart {
    /// The children of a state, in document order.
    pub fn children(&self, of: usize) -> Vec<usize> {
        self.siblings(Some(of))
    }

    fn siblings(&self, parent: Option<usize>) -> Vec<usize> {
        let mut found: Vec<usize> =
            (0..self.states.len()).filter(|s| self.states[*s].parent == parent).collect();
        found.sort_by_key(|s| (self.states[*s].rank, *s));
        found
    }

    /// The states above one, the nearest first.
    pub fn proper_ancestors(&self, state: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = self.states[state].parent;
        while let Some(above) = at {
            found.push(above);
            at = self.states[above].parent;
        }
        found
    }

    /// Whether a state is somewhere below another.
    pub fn is_descendant(&self, state: usize, of: usize) -> bool {
        self.proper_ancestors(state).contains(&of)
    }

    /// Whether a state has no children.
    pub fn is_atomic(&self, state: usize) -> bool {
        matches!(self.states[state].kind, Kind::Atomic | Kind::Final)
    }

    /// Where a compound state begins.
    pub fn initial_of(&self, state: usize) -> usize {
        self.states[state].start.unwrap_or_else(|| self.children(state)[0])
    }

    /// Some states in document order: a state before what is in it.
    pub fn in_document_order(&self, some: &BTreeSet<usize>) -> Vec<usize> {
        let mut all = Vec::new();
        for top in self.siblings(None) {
            self.walk(top, &mut all);
        }
        all.retain(|state| some.contains(state));
        all
    }

    fn walk(&self, state: usize, into: &mut Vec<usize>) {
        into.push(state);
        for child in self.children(state) {
            self.walk(child, into);
        }
    }
}

/// Numbers that look random, the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    /// A number below another one.
    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap()
    }

    /// One time in so many.
    fn once_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// A random chart of up to about 20 states.
pub fn chart(dice: &mut Dice) -> Chart {
    let mut chart = Chart { states: Vec::new(), initial: 0 };
    for _ in 0..1 + dice.below(3) {
        grow(&mut chart, None, 0, dice);
    }
    if dice.once_in(3) {
        plant(&mut chart, None, Kind::Final, dice);
    }
    let all = chart.states.len();
    chart.initial = dice.below(all);
    for state in 0..all {
        if chart.states[state].kind == Kind::Compound && dice.once_in(2) {
            let below: Vec<usize> = (0..all).filter(|s| chart.is_descendant(*s, state)).collect();
            chart.states[state].start = Some(dice.one_of(&below));
        }
        furnish(&mut chart, state, dice);
    }
    chart
}

fn plant(chart: &mut Chart, parent: Option<usize>, kind: Kind, dice: &mut Dice) -> usize {
    chart.states.push(State {
        kind,
        parent,
        rank: i32::try_from(dice.below(3)).unwrap() - 1,
        start: None,
        enter_raise: Vec::new(),
        enter_set: None,
        leave_raise: Vec::new(),
        leave_set: None,
        on: BTreeMap::new(),
        done: Vec::new(),
        always: Vec::new(),
    });
    chart.states.len() - 1
}

fn grow(chart: &mut Chart, parent: Option<usize>, depth: usize, dice: &mut Dice) {
    let kind = match dice.below(6) {
        0 | 1 if depth < 4 => Kind::Compound,
        2 | 3 if depth < 3 => Kind::Parallel,
        _ => Kind::Atomic,
    };
    let kind = if chart.states.len() > 18 { Kind::Atomic } else { kind };
    let state = plant(chart, parent, kind, dice);
    match kind {
        Kind::Atomic | Kind::Final => {}
        Kind::Compound => {
            for _ in 0..1 + dice.below(3) {
                grow(chart, Some(state), depth + 1, dice);
            }
            if dice.once_in(2) {
                plant(chart, Some(state), Kind::Final, dice);
            }
        }
        Kind::Parallel => {
            for _ in 0..2 + dice.below(2) {
                grow(chart, Some(state), depth + 1, dice);
            }
        }
    }
}

/// Gives a state its transitions, and what happens on the way in and out.
fn furnish(chart: &mut Chart, state: usize, dice: &mut Dice) {
    let all = chart.states.len();
    let events = |dice: &mut Dice| match dice.once_in(40) {
        true => vec![dice.one_of(&RAISED)],
        false => Vec::new(),
    };
    chart.states[state].enter_raise = events(dice);
    chart.states[state].enter_set = set(dice, 6);
    if chart.states[state].kind == Kind::Final {
        return;
    }
    chart.states[state].leave_raise = events(dice);
    chart.states[state].leave_set = set(dice, 6);
    for event in SENT.iter().chain(&RAISED) {
        if dice.once_in(2) {
            let ways = (0..1 + dice.below(2)).map(|_| way(all, dice)).collect();
            chart.states[state].on.insert(event, ways);
        }
    }
    if !chart.is_atomic(state) && dice.once_in(2) {
        chart.states[state].done = vec![way(all, dice)];
    }
    if dice.once_in(6) {
        let mut always = way(all, dice);
        // One that is always open would seldom come to an end.
        if dice.below(60) > 0 {
            let field = dice.below(FIELDS.len());
            always.when = Guard::Less(field, i64::try_from(dice.below(4)).unwrap());
            always.set = Some((field, Set::Add(1)));
        }
        chart.states[state].always = vec![always];
    }
}

fn way(all: usize, dice: &mut Dice) -> Way {
    let when = match dice.below(6) {
        0 => Guard::Less(dice.below(FIELDS.len()), i64::try_from(dice.below(5)).unwrap()),
        1 => Guard::In(dice.below(all)),
        2 => Guard::NotIn(dice.below(all)),
        _ => Guard::Always,
    };
    Way {
        go: (!dice.once_in(6)).then(|| dice.below(all)),
        when,
        set: set(dice, 3),
        raise: if dice.once_in(10) { vec![dice.one_of(&RAISED)] } else { Vec::new() },
    }
}

fn set(dice: &mut Dice, seldom: usize) -> Option<(usize, Set)> {
    if !dice.once_in(seldom) {
        return None;
    }
    let n = i64::try_from(dice.below(4)).unwrap();
    let set = if dice.once_in(20) { Set::Is(n) } else { Set::Add(n) };
    Some((dice.below(FIELDS.len()), set))
}
