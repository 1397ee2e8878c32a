//! The database and Redis.

use secrecy::SecretString;

use crate::parse;
use crate::setting::Setting;

settings! {
    /// Where everything is kept. Both are honoured in rehearsal too.
    Storage, "Database and Redis" {
        /// The PostgreSQL database. Unset in rehearsal: a SQLite file in the data folder.
        option database_url: SecretString = Setting::new("DATABASE_URL").secret().live(), parse::DATABASE_URL;
        /// The same database with a role that may change the schema; used by migrations only.
        option migration_url: SecretString = Setting::new("DATABASE_MIGRATION_URL").secret()
            .derived("DATABASE_URL"), parse::DATABASE_URL;
        /// Connections this process keeps at most.
        value pool_size: u32 = Setting::new("DATABASE_POOL_SIZE").default("16"), parse::POOL;
        /// Transport and cache; losing it loses nothing. Unset in rehearsal: in process.
        option redis_url: SecretString = Setting::new("REDIS_URL").secret().live(), parse::REDIS_URL;
    }
}
