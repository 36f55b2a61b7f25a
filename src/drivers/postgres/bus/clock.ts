/** The server's time in µs. */
export const MICROSECONDS = 'floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint';

/** The server's time in ms. */
export const NOW = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
