// Nobody is signed in here: what the phone kept for the member QR goes.

import { forget } from "./kept.js";

forget().catch(() => {});
