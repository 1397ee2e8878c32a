//! Anything may happen at any time: processes die, the clock jumps, people decide twice, the upstream misbehaves. The
//! seed gives the commands; after each of them the invariants are looked at, and at the end every run must end.

use std::time::Duration;

use clock::{Clock, Entropy, SeededEntropy};
use domain::ids::RunId;
use domain::role::Role;
use domain::ticket::{Decider, Ticket, TicketStatus, TicketType, Verdict};
use serde_json::{Value, json};
use testkit::{Invariants, Process, Reply, TowerWorld};

/// Commands of one simulation.
const COMMANDS: usize = 40;
/// Seeds of an ordinary run of the tests.
const SEEDS: u64 = 6;
/// Rounds within which everything must end once the world behaves.
const ROUNDS: usize = 60;

#[derive(Debug, Clone)]
enum Command {
    Start {
        steps: Vec<(u8, &'static str)>,
    },
    /// The same request twice.
    Deliver {
        key: u8,
    },
    Decide {
        which: usize,
        verdict: Verdict,
        twice: bool,
    },
    Cancel {
        which: usize,
    },
    Advance {
        seconds: u64,
    },
    Turns {
        turns: u32,
    },
    Settle,
    Crash {
        instance: &'static str,
        after: u32,
    },
    Upstream {
        replies: Vec<Reply>,
    },
    Blind {
        blind: bool,
    },
    MoveOn,
}

struct Dice(SeededEntropy);

impl Dice {
    fn below(&self, limit: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % limit
    }

    fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn small(&self, limit: usize) -> u32 {
        u32::try_from(self.below(limit)).unwrap_or(0)
    }

    fn command(&self) -> Command {
        match self.below(100) {
            0..=21 => {
                let steps = (0..=self.below(3))
                    .map(|_| (self.pick(&[0, 1, 2, 3, 4, 5]), self.pick(&["low", "low", "medium", "high"])));
                Command::Start { steps: steps.collect() }
            }
            22..=26 => Command::Deliver { key: self.pick(&[0, 1, 2]) },
            27..=43 => Command::Decide {
                which: self.below(8),
                verdict: self.pick(&[Verdict::Approve, Verdict::Approve, Verdict::Reject]),
                twice: self.below(4) == 0,
            },
            44..=48 => Command::Cancel { which: self.below(8) },
            49..=60 => Command::Advance { seconds: self.pick(&[1, 5, 20, 61, 61, 300, 1_000, 90_000]) },
            61..=72 => Command::Turns { turns: self.small(60) },
            73..=77 => Command::Settle,
            78..=86 => Command::Crash { instance: self.pick(&["one", "one", "two"]), after: self.small(50) },
            87..=93 => {
                let all = [Reply::Answer, Reply::ActAndDrop, Reply::Cut, Reply::Refuse, Reply::Unreachable];
                Command::Upstream { replies: (0..=self.below(3)).map(|_| self.pick(&all)).collect() }
            }
            94..=97 => Command::Blind { blind: self.below(2) == 0 },
            _ => Command::MoveOn,
        }
    }
}

struct Simulation {
    world: TowerWorld,
    /// None only between a crash and the next start.
    process: Option<Process>,
    /// Never works; looks while the process stands still.
    observer: Process,
    invariants: Invariants,
    runs: Vec<RunId>,
    told: Vec<String>,
    loud: bool,
}

fn plan(steps: &[(u8, &str)]) -> Value {
    steps
        .iter()
        .map(|(key, risk)| json!({"tool": "make", "params": {"key": format!("k{key}"), "risk": risk}}))
        .collect()
}

impl Simulation {
    fn new(seed: u64, loud: bool) -> Self {
        let world = TowerWorld::new(seed);
        let (process, observer) = (world.process("one"), world.client("observer"));
        Self {
            world,
            process: Some(process),
            observer,
            invariants: Invariants::default(),
            runs: Vec::new(),
            told: Vec::new(),
            loud,
        }
    }

    fn process(&self) -> &Process {
        self.process.as_ref().expect("a process")
    }

    fn tell(&mut self, line: String) {
        if self.loud {
            println!("{line}");
        }
        self.told.push(line);
    }

    fn step(&mut self, command: Command) {
        self.tell(format!("  {command:?}"));
        match command {
            Command::Start { steps } => {
                let run = self.process().start(plan(&steps));
                self.runs.push(run);
            }
            Command::Deliver { key } => self.deliver(key),
            Command::Decide { which, verdict, twice } => self.decide(which, verdict, twice),
            Command::Cancel { which } => self.cancel(which),
            Command::Advance { seconds } => {
                self.world.clock.advance(Duration::from_secs(seconds));
                self.process().sweep();
                self.process().turns(8);
            }
            Command::Turns { turns } => self.process().turns(turns),
            Command::Settle => self.process().settle(),
            Command::Crash { instance, after } => {
                self.process().turns(after);
                // Dropped first: what it holds of the database must not outlive it.
                self.process = None;
                self.process = Some(self.world.process(instance));
            }
            Command::Upstream { replies } => self.world.upstream.will(replies),
            Command::Blind { blind } => self.world.upstream.set_blind(blind),
            Command::MoveOn => self.world.upstream.move_on(),
        }
        self.look();
    }

    fn deliver(&mut self, key: u8) {
        let id = format!("delivery-{key}");
        let body = json!({"scripted": plan(&[(key, "low")])});
        let first = self.process().start_with("crew_solo_scripted", body.clone(), Some(&id)).unwrap();
        let second = self.process().start_with("crew_solo_scripted", body, Some(&id)).unwrap();
        assert_eq!(first, second, "a repeated request started another run\n{}", self.story());
        if !self.runs.contains(&first) {
            self.runs.push(first);
        }
    }

    fn pending(&self) -> Vec<Ticket> {
        let db = &self.observer.services.db;
        self.observer.run(store::tickets::list(db, Some(TicketStatus::Pending), None, 1_000)).unwrap()
    }

    fn decide(&mut self, which: usize, verdict: Verdict, twice: bool) {
        let pending = self.pending();
        let Some(ticket) = pending.get(which % pending.len().max(1)) else { return };
        let verdict = self.truthful(ticket, verdict);
        let first = self.process().decide(ticket.id, verdict, json!({}));
        if twice {
            let second = self.process().decide(ticket.id, verdict, json!({}));
            assert!(first.is_err() || second.is_err(), "a ticket was decided twice\n{}", self.story());
        }
    }

    /// Asked what became of a call, a person looks: whoever sends again what has happened does it twice, and no program
    /// can help that.
    fn truthful(&self, ticket: &Ticket, verdict: Verdict) -> Verdict {
        let key = ticket.proposed_action["params"]["key"].as_str().unwrap_or_default();
        match ticket.ticket_type {
            TicketType::ToolCall => verdict,
            TicketType::EffectReconcile if self.world.upstream.made(key) > 0 => Verdict::Reject,
            TicketType::EffectReconcile => Verdict::Approve,
        }
    }

    fn cancel(&self, which: usize) {
        let Some(run) = self.runs.get(which % self.runs.len().max(1)) else { return };
        let by = Decider { subject: "owner".to_owned(), role: Role::Admin };
        // A run that has ended refuses; that is an answer.
        let _ = self.process().run(tower::runs::cancel(&self.process().services, run, "simulated", &by));
        self.process().worker.stop_run(run);
    }

    fn look(&mut self) {
        let mut broken = Vec::new();
        // A statement that was under way when the process stopped may still end; what is broken then mends.
        for _ in 0..5 {
            let (db, upstream) = (&self.observer.services.db, &self.world.upstream);
            broken = self.observer.run(self.invariants.broken(db, upstream)).unwrap();
            if broken.is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("broken: {broken:#?}\n{}", self.story());
    }

    /// The world behaves, people decide, time passes: everything ends.
    fn finish(&mut self) {
        self.world.upstream.behave();
        self.world.upstream.set_blind(false);
        for _ in 0..ROUNDS {
            self.process().advance(Duration::from_secs(61));
            for ticket in self.pending() {
                let verdict = self.truthful(&ticket, Verdict::Approve);
                let _ = self.process().decide(ticket.id, verdict, json!({}));
            }
            self.process().settle();
            self.look();
            let open: Vec<&RunId> =
                self.runs.iter().filter(|run| !self.observer.find(run).status.is_terminal()).collect();
            if open.is_empty() {
                self.nothing_stays_unclear();
                return;
            }
        }
        let open: Vec<_> =
            self.runs.iter().map(|run| self.observer.find(run)).filter(|run| !run.status.is_terminal()).collect();
        panic!("runs that do not end: {open:#?}\n{}", self.story());
    }

    fn nothing_stays_unclear(&mut self) {
        self.process().advance(Duration::from_secs(61));
        self.look();
        let (db, now) = (&self.observer.services.db, self.world.clock.now());
        let unclear = self.observer.run(store::effects::unclear(db, now, 1_000)).unwrap();
        assert!(unclear.is_empty(), "nobody reads these back: {unclear:#?}\n{}", self.story());
    }

    fn story(&self) -> String {
        self.told.join("\n")
    }
}

fn simulate(seed: u64, loud: bool) {
    let dice = Dice(SeededEntropy::new(seed));
    let mut simulation = Simulation::new(seed, loud);
    simulation.tell(format!("seed {seed}"));
    for _ in 0..COMMANDS {
        simulation.step(dice.command());
    }
    simulation.finish();
    simulation.tell(format!("seed {seed}: {} runs, every invariant held", simulation.runs.len()));
}

#[test]
fn the_invariants_hold_under_any_seed() {
    let environment = config::EnvSource::process().unwrap();
    let number = |name: &str| environment.get(name).map(|text| text.parse::<u64>().unwrap());
    let first = number("HOLLY_SIM_SEED");
    let runs = number("HOLLY_SIM_RUNS").unwrap_or(if first.is_some() { 1 } else { SEEDS });
    for seed in first.unwrap_or(1)..first.unwrap_or(1) + runs {
        simulate(seed, first.is_some());
    }
}
