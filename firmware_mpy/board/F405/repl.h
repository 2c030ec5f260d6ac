#pragma once

void repl_init(void);
