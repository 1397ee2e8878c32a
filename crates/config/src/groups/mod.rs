//! The table: one file per group, in the order of the page.

macro_rules! groups {
    ($($field:ident: $group:ident),+ $(,)?) => {
        $(mod $field; pub use $field::$group;)+

        /// The whole table.
        pub(crate) const ALL: &[Group] = &[$($group::GROUP),+];

        /// All groups, typed.
        #[derive(Debug, Clone)]
        pub struct Groups {
            $(
                #[doc = concat!("See [`", stringify!($group), "`].")]
                pub $field: $group,
            )+
        }

        impl Groups {
            /// Reads the groups in order; the reader keeps what was wrong.
            pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
                // Mode decides the defaults and rules of the rest, so these two come first.
                $(
                    let $field = $group::read(reader);
                    $field.iter().for_each(|group| Prepare::prepare(group, reader));
                )+
                Some(Self { $($field: $field?),+ })
            }
        }
    };
}

use crate::reader::Reader;
use crate::setting::Group;

groups! {
    process: Process,
    rehearsal: Rehearsal,
    server: Server,
    console: Console,
    auth: Auth,
    storage: Storage,
    shop: Shop,
    payments: Payments,
    print: Print,
    models: Models,
    memory: Memory,
    work: Work,
    autonomy: Autonomy,
    notifications: Notifications,
    inbox: Inbox,
    social: Social,
    telemetry: Telemetry,
    tools: Tools,
    github: GitHub,
    aws: Aws,
    solana: Solana,
}

/// What reading one group changes for the groups after it.
trait Prepare {
    fn prepare(&self, _reader: &mut Reader<'_>) {}
}

impl Prepare for Process {
    fn prepare(&self, reader: &mut Reader<'_>) {
        reader.set_mode(self.mode);
    }
}

impl Prepare for Rehearsal {
    fn prepare(&self, reader: &mut Reader<'_>) {
        reader.set_really_live(&self.live);
    }
}

macro_rules! changes_nothing {
    ($($group:ident),+ $(,)?) => { $(impl Prepare for $group {})+ };
}

changes_nothing!(
    Server,
    Console,
    Auth,
    Storage,
    Shop,
    Payments,
    Print,
    Models,
    Memory,
    Work,
    Autonomy,
    Notifications,
    Inbox,
    Social,
    Telemetry,
    Tools,
    GitHub,
    Aws,
    Solana,
);
