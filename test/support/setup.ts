import { use } from 'chai';

use(() => undefined);
