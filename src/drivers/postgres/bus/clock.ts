/** The server's time in µs, at this very moment. */
export const MICROSECONDS = 'floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint';

/** The server's time in ms, at the start of the statement: the same throughout, so that it can be searched for in an index. */
export const NOW = 'floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint';
