#pragma once

// At a soft reset: the receive rings are on the heap that is about to be swept.
void machine_uart_stop_all(void);
