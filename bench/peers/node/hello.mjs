// Start-up: one coroutine that yields once and prints.
import { setImmediate as turn } from 'node:timers/promises';

await turn();
console.log('hello');
