/** Runs the programs named as arguments one after the other, and prints for each whether it failed and how. */
const results: Record<string, string> = {};
for (const file of process.argv.slice(2)) {
  try {
    await import(file);
    results[file] = 'ok';
  } catch (error) {
    results[file] = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
process.stdout.write(JSON.stringify(results), () => process.exit());
