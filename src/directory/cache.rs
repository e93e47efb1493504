//! What one process knows, and the gates that let one question of a kind through at a time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex as Gate;

use crate::catalog::{Answer, Fqn, Wanted};

/// The most answers that one process keeps. At a kilobyte or so each that is some ten megabytes.
const MOST: usize = 10_000;

/// An answer and when it came.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) answer: Answer,
    pub(super) fetched: DateTime<Utc>,
    /// When a question was last not answered, so that this one still counts.
    pub(super) unanswered: Option<DateTime<Utc>>,
}

#[derive(Default)]
pub(super) struct Cache {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    slots: HashMap<Wanted, Slot>,
    gates: HashMap<Wanted, Arc<Gate<()>>>,
    /// Grows with every change that was announced.
    generation: u64,
}

impl Cache {
    pub(super) fn get(&self, wanted: &Wanted) -> Option<Slot> {
        self.state().slots.get(wanted).cloned()
    }

    pub(super) fn put(&self, wanted: &Wanted, slot: Slot) {
        self.state().put(wanted, slot);
    }

    /// Keeps an answer unless a change was announced since that generation; whether it is kept.
    pub(super) fn put_unless_changed(&self, wanted: &Wanted, slot: Slot, generation: u64) -> bool {
        let mut state = self.state();
        let is_unchanged = state.generation == generation;
        if is_unchanged {
            state.put(wanted, slot);
        }
        is_unchanged
    }

    pub(super) fn generation(&self) -> u64 {
        self.state().generation
    }

    /// The gate of a question. Gates that nobody stands at are taken away when there are many.
    pub(super) fn gate(&self, wanted: &Wanted) -> Arc<Gate<()>> {
        let mut state = self.state();
        if state.gates.len() > MOST {
            state.gates.retain(|_, gate| Arc::strong_count(gate) > 1);
        }
        state.gates.entry(wanted.clone()).or_default().clone()
    }

    /// Forgets what is known of something, of what lies in it, and of its id.
    pub(super) fn forget(&self, fqn: Option<&Fqn>, id: &str) {
        let mut state = self.state();
        state.generation += 1;
        let lies_in = |name: &Fqn| fqn.is_some_and(|fqn| name.starts_with(fqn));
        state.slots.retain(|wanted, slot| {
            let asked_for = match wanted {
                Wanted::Name(name) | Wanted::Database(name) => lies_in(name),
                Wanted::Id(own) => own.eq_ignore_ascii_case(id),
            };
            let is_about = match &slot.answer {
                Answer::Entity(entity) => lies_in(&entity.fqn) || entity.id.eq_ignore_ascii_case(id),
                _ => false,
            };
            !(asked_for || is_about)
        });
    }

    /// Forgets that something was not there.
    pub(super) fn forget_absence(&self, fqn: Option<&Fqn>) {
        let mut state = self.state();
        state.generation += 1;
        let is_meant = |name: &Fqn| fqn.is_none_or(|fqn| name.to_string().eq_ignore_ascii_case(&fqn.to_string()));
        state.slots.retain(|wanted, slot| {
            let is_known = matches!(slot.answer, Answer::Entity(_) | Answer::Database(_));
            is_known || !matches!(wanted, Wanted::Name(name) | Wanted::Database(name) if is_meant(name))
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn put(&mut self, wanted: &Wanted, slot: Slot) {
        if self.slots.len() >= MOST && !self.slots.contains_key(wanted) {
            // The older half goes. This happens so seldom that a list in the order of use would cost more.
            let mut times: Vec<_> = self.slots.values().map(|slot| slot.fetched).collect();
            times.sort_unstable();
            let middle = times.get(times.len() / 2).copied().unwrap_or_default();
            self.slots.retain(|_, slot| slot.fetched > middle);
        }
        self.slots.insert(wanted.clone(), slot);
    }
}
