//! What one process knows, and the gates that let one question of a kind through at a time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Mutex as Turn;

use super::change::{Effect, Subject};
use super::is_lasting;
use crate::catalog::{Answer, Known, Wanted};

/// The most answers that one process keeps.
const MOST: usize = 10_000;
/// The most memory that they take, in bytes, but for one answer that is larger by itself.
const MOST_BYTES: usize = 128 * 1024 * 1024;
/// What an answer takes beside its texts, in bytes.
const OVERHEAD: usize = 500;
/// What a column takes beside its texts, in bytes.
const COLUMN_OVERHEAD: usize = 80;
/// The most changes that are remembered: more than are announced while a question is on its way.
const MOST_CHANGES: usize = 1_000;

/// An answer and when it came.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) answer: Answer,
    /// From when on its age counts: a change that was announced makes it as old as one that must be asked for again.
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
    slots: HashMap<Wanted, Held>,
    /// What the slots take in all.
    bytes: usize,
    gates: HashMap<Wanted, Arc<Gate>>,
    /// The last changes that were announced, each with its generation.
    changes: VecDeque<(u64, Subject)>,
    /// Grows with every change that was announced.
    generation: u64,
}

struct Held {
    slot: Slot,
    bytes: usize,
}

/// The gate of a question.
#[derive(Default)]
pub(super) struct Gate {
    /// What the last one who went through has found; held by the one who is on the way.
    pub(super) turn: Turn<Option<Found>>,
    /// How many have come back.
    returned: Mutex<u64>,
}

/// What somebody found who went through a gate.
pub(super) struct Found {
    known: Known,
    /// The generation at which the question was asked.
    asked: u64,
    /// The how manieth that came back.
    number: u64,
}

/// Somebody who stands at a gate. The last one who leaves takes it away, with what was found.
pub(super) struct Standing<'a> {
    cache: &'a Cache,
    wanted: &'a Wanted,
    pub(super) gate: Arc<Gate>,
    /// How many had come back before.
    returned: u64,
    /// The generation before.
    generation: u64,
}

impl Cache {
    pub(super) fn get(&self, wanted: &Wanted) -> Option<Slot> {
        self.state().slots.get(wanted).map(|held| held.slot.clone())
    }

    pub(super) fn put(&self, wanted: &Wanted, slot: Slot) {
        self.state().put(wanted, slot);
    }

    /// Keeps an answer unless a change that concerns it was announced since that generation; whether it is kept.
    pub(super) fn put_unless_changed(&self, wanted: &Wanted, slot: Slot, generation: u64) -> bool {
        let mut state = self.state();
        let is_current = !state.has_changed(wanted, &slot.answer, generation, u64::MAX);
        if is_current {
            state.put(wanted, slot);
        }
        is_current
    }

    /// Whether a change that concerns an answer was announced since that generation.
    pub(super) fn has_changed(&self, wanted: &Wanted, answer: &Answer, generation: u64) -> bool {
        self.state().has_changed(wanted, answer, generation, u64::MAX)
    }

    pub(super) fn generation(&self) -> u64 {
        self.state().generation
    }

    /// Steps up to the gate of a question.
    pub(super) fn stand_at<'a>(&'a self, wanted: &'a Wanted) -> Standing<'a> {
        let mut state = self.state();
        let gate = state.gates.entry(wanted.clone()).or_default().clone();
        let (returned, generation) = (*locked(&gate.returned), state.generation);
        Standing { cache: self, wanted, gate, returned, generation }
    }

    /// Takes a change in: what it concerns is forgotten, or counts as fetched at `aged` at the latest.
    pub(super) fn announce(&self, subject: &Subject, aged: DateTime<Utc>) {
        let mut state = self.state();
        state.generation += 1;
        let generation = state.generation;
        state.changes.push_back((generation, subject.clone()));
        if state.changes.len() > MOST_CHANGES {
            state.changes.pop_front();
        }
        state.retain(|wanted, slot| {
            if !subject.concerns(wanted, &slot.answer) {
                return true;
            }
            slot.fetched = slot.fetched.min(aged);
            matches!(subject.effect(), Effect::Outdated) && is_lasting(&slot.answer)
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl Standing<'_> {
    /// What another one found meanwhile, if it was asked for after the last change that the one who stands here may know
    /// of.
    pub(super) fn shared(&self, found: Option<&Found>) -> Option<Known> {
        let Found { known, asked, .. } = found.filter(|found| found.number > self.returned)?;
        let is_old = self.cache.state().has_changed(self.wanted, &known.answer, *asked, self.generation);
        (!is_old).then(|| known.clone())
    }

    /// What is left for those who wait, by one who comes back.
    pub(super) fn found(&self, known: &Known, asked: u64) -> Found {
        let mut returned = locked(&self.gate.returned);
        *returned += 1;
        Found { known: known.clone(), asked, number: *returned }
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        let mut state = self.cache.state();
        // The map and this one hold it.
        if Arc::strong_count(&self.gate) <= 2 {
            state.gates.remove(self.wanted);
        }
    }
}

impl State {
    fn has_changed(&self, wanted: &Wanted, answer: &Answer, after: u64, until: u64) -> bool {
        let is_forgotten = self.changes.front().is_some_and(|(oldest, _)| after + 1 < *oldest);
        let since = self.changes.iter().rev().take_while(|(generation, _)| *generation > after);
        let mut meant = since.filter(|(generation, _)| *generation <= until);
        is_forgotten || meant.any(|(_, subject)| subject.concerns(wanted, answer))
    }

    fn put(&mut self, wanted: &Wanted, slot: Slot) {
        let bytes = weight(&slot.answer);
        if let Some(before) = self.slots.remove(wanted) {
            self.bytes -= before.bytes;
        }
        while !self.slots.is_empty() && (self.slots.len() >= MOST || self.bytes + bytes > MOST_BYTES) {
            // The older half goes. This happens so seldom that a list in the order of use would cost more.
            let mut times: Vec<_> = self.slots.values().map(|held| held.slot.fetched).collect();
            times.sort_unstable();
            let middle = times.get(times.len() / 2).copied().unwrap_or_default();
            self.retain(|_, slot| slot.fetched > middle);
        }
        self.bytes += bytes;
        self.slots.insert(wanted.clone(), Held { slot, bytes });
    }

    fn retain(&mut self, mut is_kept: impl FnMut(&Wanted, &mut Slot) -> bool) {
        let Self { slots, bytes, .. } = self;
        slots.retain(|wanted, held| {
            let stays = is_kept(wanted, &mut held.slot);
            if !stays {
                *bytes -= held.bytes;
            }
            stays
        });
    }
}

/// About how much memory an answer takes, in bytes.
fn weight(answer: &Answer) -> usize {
    let texts = |texts: &[String]| texts.iter().map(String::len).sum::<usize>();
    let optional = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let own = match answer {
        Answer::Entity(entity) => {
            let columns = entity.columns.iter();
            let column = |name: &str, kind, description| COLUMN_OVERHEAD + name.len() + kind + description;
            columns.map(|own| column(&own.name, optional(&own.data_type), optional(&own.description))).sum::<usize>()
        }
        Answer::Missing { near } => texts(near),
        Answer::Ambiguous { candidates } => texts(candidates),
        Answer::Unsupported { reason: text }
        | Answer::Unavailable { detail: text }
        | Answer::Refused { detail: text } => text.len(),
        Answer::Database(_) | Answer::Denied => 0,
    };
    OVERHEAD + own
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::catalog::{Entity, EntityColumn, EntityKind, Fqn};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn name(text: &str) -> Fqn {
        Fqn::parse(text).unwrap()
    }

    fn wanted(text: &str) -> Wanted {
        Wanted::Name(name(text))
    }

    fn table(text: &str, id: &str, description: &str) -> Answer {
        let column = EntityColumn {
            name: "c".to_owned(),
            data_type: None,
            description: Some(description.to_owned()).filter(|text| !text.is_empty()),
        };
        Answer::Entity(Arc::new(Entity {
            id: id.to_owned(),
            kind: EntityKind::Table,
            fqn: name(text),
            version: "0.1".to_owned(),
            service_type: None,
            deleted: false,
            columns: vec![column],
            twin: None,
        }))
    }

    fn slot(answer: Answer, seconds: i64) -> Slot {
        Slot { answer, fetched: at(seconds), unanswered: None }
    }

    fn subject(text: &str, id: &str, effect: Effect) -> Subject {
        Subject::new(vec![name(text)], id, effect)
    }

    /// The second from which on the age of a name counts, where it is known.
    fn fetched(cache: &Cache, text: &str) -> Option<i64> {
        cache.get(&wanted(text)).map(|slot| slot.fetched.timestamp())
    }

    #[test]
    fn an_update_leaves_what_may_be_served_while_nobody_answers() {
        let cache = Cache::default();
        cache.put(&wanted("s.d.p.a"), slot(table("s.d.p.a", "1", ""), 100));
        cache.put(&wanted("s.d.p.b"), slot(Answer::Missing { near: Vec::new() }, 100));
        cache.put(&wanted("s.dd.p.a"), slot(table("s.dd.p.a", "2", ""), 100));
        cache.announce(&subject("s.d", "9", Effect::Outdated), at(40));
        assert_eq!(fetched(&cache, "s.d.p.a"), Some(40));
        assert_eq!(fetched(&cache, "s.d.p.b"), None, "what was not there may be there now");
        assert_eq!(fetched(&cache, "s.dd.p.a"), Some(100));
        cache.announce(&subject("s.d", "9", Effect::Gone), at(40));
        assert_eq!(fetched(&cache, "s.d.p.a"), None);
    }

    #[test]
    fn what_is_made_ends_what_was_taken_for_it() {
        let cache = Cache::default();
        let put = |asked: &str, is: &str, id: &str| cache.put(&wanted(asked), slot(table(is, id, ""), 100));
        put("s.d.p.Orders", "s.d.p.orders", "1");
        put("s.d.p.orders", "s.d.p.orders", "1");
        put("s.d.p.people", "s.d.p.people", "2");
        put("s.d.p.things", "s.d.p.things", "3");
        cache.announce(&subject("s.d.p.Orders", "7", Effect::Made), at(40));
        assert_eq!(fetched(&cache, "s.d.p.Orders"), None, "it was another table, whose name differs in case only");
        cache.announce(&subject("s.d.p.people", "8", Effect::Made), at(40));
        assert_eq!(fetched(&cache, "s.d.p.people"), None, "it was made again");
        cache.announce(&subject("s.d.p.things", "3", Effect::Made), at(40));
        assert_eq!(fetched(&cache, "s.d.p.things"), Some(100), "it is this very one");
    }

    #[test]
    fn only_a_change_that_concerns_an_answer_makes_it_old() {
        let cache = Cache::default();
        let (asked, answer) = (wanted("s.d.p.a"), table("s.d.p.a", "1", ""));
        let generation = cache.generation();
        for number in 0..50 {
            cache.announce(&subject(&format!("s.d.p.b{number}"), "2", Effect::Outdated), at(0));
        }
        assert!(cache.put_unless_changed(&asked, slot(answer.clone(), 100), generation));
        cache.announce(&subject("s.d", "3", Effect::Outdated), at(0));
        assert!(!cache.put_unless_changed(&asked, slot(answer.clone(), 100), generation));
        let generation = cache.generation();
        for _ in 0..=MOST_CHANGES {
            cache.announce(&subject("s.x", "4", Effect::Outdated), at(0));
        }
        assert!(!cache.put_unless_changed(&asked, slot(answer, 100), generation), "too much was announced to tell");
    }

    #[test]
    fn those_who_wait_share_what_was_asked_for_after_the_last_change() {
        let cache = Cache::default();
        let asked = wanted("s.d.p.a");
        let known = Known { answer: table("s.d.p.a", "1", ""), stale: false };
        let (leader, waiter) = (cache.stand_at(&asked), cache.stand_at(&asked));
        let generation = cache.generation();
        assert!(waiter.shared(None).is_none());
        cache.announce(&subject("s.d.p.a", "1", Effect::Outdated), at(0));
        let later = cache.stand_at(&asked);
        let found = leader.found(&known, generation);
        assert_eq!(waiter.shared(Some(&found)), Some(known.clone()));
        assert_eq!(later.shared(Some(&found)), None, "it came after the change, which the answer may lack");
        let last = cache.stand_at(&asked);
        assert_eq!(last.shared(Some(&found)), None, "it did not wait");
        drop((leader, waiter, later, last));
        assert_eq!(cache.state().gates.len(), 0);
    }

    #[test]
    fn large_answers_push_older_ones_out() {
        let cache = Cache::default();
        let large = "x".repeat(MOST_BYTES / 8);
        for number in 0..20 {
            cache.put(&wanted(&format!("s.d.p.t{number}")), slot(table("s.d.p.t", "1", &large), number));
            let state = cache.state();
            assert!(
                state.bytes <= MOST_BYTES && state.bytes == state.slots.values().map(|held| held.bytes).sum::<usize>()
            );
        }
        assert_eq!((fetched(&cache, "s.d.p.t0"), fetched(&cache, "s.d.p.t19")), (None, Some(19)));
        cache.announce(&subject("s", "9", Effect::Gone), at(0));
        assert_eq!(cache.state().bytes, 0);
    }
}
